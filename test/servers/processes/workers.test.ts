/**
 * A worker that dies, hangs or starts late does no harm: the leader goes on, and all workers serve
 * the same keys.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { KEYS, SECRET, SEED, temporaryFolder } from '../../unit/cli/binary.js';
import { freshToken, verify } from '../../unit/cli/gateway-process.js';
import { tokenOf } from '../../unit/token/reference.js';
import { launch } from './gateway.js';

const folder = temporaryFolder();
const AT_ONCE = 12;
const LISTENING = /"msg":"listening"/g;
const jid = 'alice@example.org';
const tokenOfRemoved = (nonce: number) =>
  tokenOf({
    jid,
    keys: { otpSeed: SEED, tokenSecret: SECRET },
    step: Math.floor(Date.now() / 30_000),
    nonce,
  });

/** Keys, a guard and a configuration for so many workers. */
function gatewayAt(name: string, workers: number, env: Record<string, string> = {}) {
  const keys = (hosts: object) => folder.file(`${name}.json`, JSON.stringify({ hosts }));
  keys(KEYS);
  const file = folder.file(
    `${name}.toml`,
    `listen = "127.0.0.1:0"\nkeys = "${name}.json"\nworkers = ${workers}\n[guard]\npath = "guard-${name}"\nrejectStepsBefore = "none"\n`,
  );
  const start = () => launch(['--config', file], { env });
  return { keys, start };
}

type Launched = ReturnType<typeof launch>;
const serves = async (gateway: Launched, nonce: number) =>
  (await verify(await gateway.address(), freshToken(nonce))).status;
const listening = (gateway: Launched, worker: number) =>
  gateway.until('stdout', new RegExp(`"worker":${worker},[^\\n]*"msg":"listening"`));
const ends = async (gateway: Launched) => {
  gateway.kill('SIGTERM');
  expect(await gateway.result).toBe(0);
  await gateway.allGone();
};

/** The tests of a group share one gateway, and each continues where the one before it stopped. */
describe.runIf(process.platform !== 'win32')('a worker', () => {
  const failing = join(folder.path, 'failing');
  let gateway: Launched;
  beforeAll(async () => {
    gateway = gatewayAt('faults', 2, { FAIL_FORK: failing }).start();
    // A worker that is killed earlier takes its line with it.
    for (const worker of [1, 2]) await listening(gateway, worker);
  });

  it('that is killed does not disturb a reload at the same moment', async () => {
    for (let round = 0; round < 2; round++) {
      const [worker] = gateway.workers();
      process.kill(worker!, 'SIGKILL');
      for (let i = 0; i < 3; i++) gateway.kill('SIGHUP');
      await listening(gateway, 3 + round);
    }
    expect(await serves(gateway, 1)).toBe(200);
  });

  // Node reports the first by an event, the second by an exception.
  it.each(['EAGAIN', 'ENOMEM'])(
    'that cannot be started (%s) is tried again after growing delays, while the other serves',
    async (code) => {
      const { length: sofar } = gateway.output.stdout.match(LISTENING)!;
      writeFileSync(failing, code);
      process.kill(gateway.workers()[0]!, 'SIGKILL');
      const tried = `a worker ended \\(${code}\\), another takes its place in (\\d+) s`;
      const [, first, second] = await gateway.until(
        'stderr',
        new RegExp(`${tried}[\\s\\S]*${tried}`),
      );
      expect(Number(second)).toBe(2 * Number(first));
      expect(await serves(gateway, code === 'EAGAIN' ? 2 : 3)).toBe(200);
      rmSync(failing);
      // The workers that never started had numbers, too, so only the count is compared.
      await gateway.until('stdout', new RegExp(`(?:${LISTENING.source}[\\s\\S]*){${sofar + 1}}`));
      expect(gateway.workers()).toHaveLength(2);
    },
  );

  it('ends with its gateway', () => ends(gateway));
});

describe.runIf(process.platform !== 'win32')('a worker that starts late', () => {
  const [early, late] = [join(folder.path, 'release-early'), join(folder.path, 'release-late')];
  const { start, keys } = gatewayAt('late', 2, { HOLD_LISTEN: `2:${early};4:${late}` });
  let gateway: Launched;
  let address: string;

  it('does not delay the replacement of a worker that died', async () => {
    keys({ ...KEYS, 'example.org': KEYS['example.com'] });
    gateway = start();
    const [, held] = await gateway.until('stderr', /held (\d+)/);
    await listening(gateway, 1);
    process.kill(gateway.workers().find((pid) => pid !== Number(held))!, 'SIGKILL');
    // The port may have changed with the first worker.
    [, address] = (await gateway.until(
      'stdout',
      /"worker":3,[^\n]*"address":"([^"]+)"[^\n]*"msg":"listening"/,
    )) as unknown as [string, string];
    writeFileSync(early, '');
    await gateway.address();
    expect(gateway.workers()).toHaveLength(2);
  });

  it('has the same keys as the others after a reload, and after one that was refused', async () => {
    process.kill(gateway.workers()[0]!, 'SIGKILL');
    // The worker has read its configuration and does not serve yet.
    await gateway.until('stderr', /held[\s\S]*held/);
    keys(KEYS);
    gateway.kill('SIGHUP');
    await gateway.until('stdout', /"msg":"reloaded"/);
    keys({});
    gateway.kill('SIGHUP');
    await gateway.until('stdout', /reload refused/);
    writeFileSync(late, '');
    await gateway.until('stdout', /"worker":4,[^\n]*"msg":"reloaded"/);
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => verify(address, tokenOfRemoved(i), jid)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await verify(address, freshToken(4))).status).toBe(200);
    await ends(gateway);
  });
});

describe.runIf(process.platform !== 'win32')('/metrics of several workers', () => {
  /** The first answer on several connections: one of them may lead to a worker that hangs. */
  const ask = (address: string) =>
    Promise.any(
      Array.from({ length: 4 }, async () => {
        const answer = await fetch(`${address}/metrics`, { headers: { connection: 'close' } });
        if (answer.status !== 200) throw new Error(`status ${answer.status}`);
        return answer.text();
      }),
    );
  const accepted = (text: string) =>
    Number(/totp_token_verdicts_total\{code="accepted",[^}]*\} (\d+)/.exec(text)?.[1]);
  const verified = (text: string) =>
    Number(/totp_token_verify_seconds_count (\d+)/.exec(text)?.[1]);

  let gateway: Launched;
  let address: string;
  beforeAll(async () => {
    gateway = gatewayAt('metrics', 2).start();
    for (const worker of [1, 2]) await listening(gateway, worker);
    address = await gateway.address();
  });

  it('count the work of a worker until its end', async () => {
    for (let i = 0; i < AT_ONCE; i++) expect(await serves(gateway, 200 + i)).toBe(200);
    // Nobody asked for metrics before, so the worker sends these as it ends.
    process.kill(gateway.workers()[0]!, 'SIGTERM');
    await listening(gateway, 3);
    const text = await ask(address);
    expect([accepted(text), verified(text)]).toEqual([AT_ONCE, AT_ONCE]);
  });

  it('are answered while a worker hangs or is dead, and no counter decreases', async () => {
    for (let i = 0; i < AT_ONCE; i++) expect(await serves(gateway, 300 + i)).toBe(200);
    const all = [2 * AT_ONCE, 2 * AT_ONCE];
    const before = await ask(address);
    expect([accepted(before), verified(before)]).toEqual(all);

    const [hung] = gateway.workers();
    process.kill(hung!, 'SIGSTOP');
    const whileHung = await ask(address);
    expect([accepted(whileHung), verified(whileHung)]).toEqual(all);

    process.kill(hung!, 'SIGKILL');
    await gateway.until('stderr', /a worker ended \(SIGKILL\)/);
    const whileDead = await ask(address);
    expect([accepted(whileDead), verified(whileDead)]).toEqual(all);

    await listening(gateway, 4);
    const after = await ask(address);
    expect([accepted(after), verified(after)]).toEqual(all);
    // Gauges count only the running workers.
    expect(after).toMatch(/totp_token_hosts 1\n/);
    await ends(gateway);
  });
});
