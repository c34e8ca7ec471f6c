import { afterEach, expect, it } from 'vitest';
import { Gateway, type GuardChoice, Tally, twice } from './gateways.js';
import { HOSTS, JID, tokensOf } from './tokens.js';

const GATEWAYS = 4;

/** Four gateways, each a process, on one guard: each token is accepted by exactly one of them. */
export function acceptOnceOverProcesses(
  count: number,
  choiceOf: (name: string) => GuardChoice,
): void {
  const running: Gateway[] = [];
  afterEach(async () => {
    for (const gateway of running.splice(0)) await gateway.kill();
  });

  async function start(name: string): Promise<Gateway> {
    const gateway = await Gateway.start(HOSTS, choiceOf(name));
    running.push(gateway);
    return gateway;
  }
  const startAll = (name: string) =>
    Promise.all(Array.from({ length: GATEWAYS }, () => start(name)));

  it(`${count} tokens, each shown to two processes at once, are each accepted once`, async () => {
    const gateways = await startAll('once');
    const tokens = await tokensOf(count);
    const tally = new Tally(count);
    const places = twice(count, GATEWAYS);
    await Promise.all(
      gateways.map((gateway, i) => tally.submit(gateway, JID, tokens, places[i] ?? [])),
    );
    expect(tally.times).toEqual({ 1: count });
    expect([...tally.others]).toEqual([['replayed', count]]);
  });

  it('no token is accepted twice when a process is killed in the middle and started again', async () => {
    const gateways = await startAll('kill');
    const tokens = await tokensOf(count);
    const tally = new Tally(count);
    const places = twice(count, GATEWAYS);
    const [first] = gateways as [Gateway];
    let killed: Promise<void> | undefined;
    // It has answered some, is asked others, and has not been asked the rest.
    const killFirst = () => {
      killed ??= first.kill();
    };
    await Promise.all(
      gateways.map((gateway, i) =>
        tally.submit(
          ...([gateway, JID, tokens, places[i] ?? []] as const),
          gateway === first ? killFirst : undefined,
        ),
      ),
    );
    await killed;
    expect(tally.others.get('gone')).toBeGreaterThan(0);

    // Everything again, to the new one and to an old one at once.
    const again = await start('kill');
    const all = tokens.map((_, i) => i);
    await Promise.all([
      tally.submit(again, JID, tokens, all),
      tally.submit(gateways[1] as Gateway, JID, tokens, all),
    ]);
    expect(Object.keys(tally.times).filter((times) => Number(times) > 1)).toEqual([]);
    expect(Object.keys(tally.times)).toContain('1');
  });
}
