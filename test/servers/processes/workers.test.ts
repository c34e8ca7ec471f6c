/**
 * A worker that dies, hangs or comes late takes nothing down with it: the leader goes on, and all
 * serve the same.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KEYS, SECRET, SEED, temporaryFolder } from '../../unit/cli/binary.js';
import { freshToken, verify } from '../../unit/cli/gateway-process.js';
import { tokenOf } from '../../unit/token/reference.js';
import { launch } from './gateway.js';

const folder = temporaryFolder();
const AT_ONCE = 12;
const jid = 'alice@example.org';
const tokenOfRemoved = (nonce: number) =>
  tokenOf({
    jid,
    keys: { otpSeed: SEED, tokenSecret: SECRET },
    step: Math.floor(Date.now() / 30_000),
    nonce,
  });

/** A folder of its own: keys, and a configuration for so many workers. */
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

describe.runIf(process.platform !== 'win32')('a worker', { timeout: 240_000 }, () => {
  it('that was killed does not disturb a SIGHUP at the same moment', async () => {
    const { start } = gatewayAt('epipe', 2);
    const gateway = start();
    await gateway.address();
    for (let round = 0; round < 4; round++) {
      const [worker] = gateway.workers();
      process.kill(worker!, 'SIGKILL');
      for (let i = 0; i < 3; i++) gateway.kill('SIGHUP');
      await listening(gateway, 3 + round);
    }
    expect(await serves(gateway, 1)).toBe(200);
    await ends(gateway);
  });

  it.each(['EAGAIN', 'EMFILE', 'ENOMEM'])(
    'that cannot be started (%s) is tried again, and the others serve on',
    async (code) => {
      const failing = join(folder.path, `fail-${code}`);
      const { start } = gatewayAt(`fork-${code}`, 2, { FAIL_FORK: failing });
      const gateway = start();
      // A worker that is killed earlier takes its line with it.
      for (const worker of [1, 2]) await listening(gateway, worker);
      writeFileSync(failing, code);
      process.kill(gateway.workers()[0]!, 'SIGKILL');
      await gateway.until(
        'stderr',
        new RegExp(`a worker ended \\(${code}\\), another one takes its place in 1 s`),
      );
      await gateway.until(
        'stderr',
        new RegExp(`a worker ended \\(${code}\\), another one takes its place in 2 s`),
      );
      expect(await serves(gateway, 2)).toBe(200);
      rmSync(failing);
      // Whatever numbers those that never ran had.
      await gateway.until('stdout', /(?:"msg":"listening"[\s\S]*){3}/);
      expect(gateway.workers()).toHaveLength(2);
      await ends(gateway);
    },
  );

  it('that dies before all others have started is replaced', async () => {
    const release = join(folder.path, 'release-early');
    const { start } = gatewayAt('early', 2, { HOLD_LISTEN: `2:${release}` });
    const gateway = start();
    await gateway.until('stderr', /held/);
    await listening(gateway, 1);
    const held = Number(/held (\d+)/.exec(gateway.output.stderr)![1]);
    process.kill(gateway.workers().find((pid) => pid !== held)!, 'SIGKILL');
    await listening(gateway, 3);
    writeFileSync(release, '');
    await gateway.address();
    expect(gateway.workers()).toHaveLength(2);
    await ends(gateway);
  });

  it('that starts while the configuration changes, and while a change is refused, has the keys of the others', async () => {
    const release = join(folder.path, 'release-late');
    const { start, keys } = gatewayAt('late', 2, { HOLD_LISTEN: `3:${release}` });
    keys({ ...KEYS, 'example.org': KEYS['example.com'] });
    const gateway = start();
    const address = await gateway.address();
    process.kill(gateway.workers()[0]!, 'SIGKILL');
    // It has its configuration by now, and does not serve yet.
    await gateway.until('stderr', /held/);
    keys(KEYS);
    gateway.kill('SIGHUP');
    await gateway.until('stdout', /"msg":"reloaded"/);
    keys({});
    gateway.kill('SIGHUP');
    await gateway.until('stdout', /reload refused/);
    writeFileSync(release, '');
    await gateway.until('stdout', /"worker":3,[^\n]*"msg":"reloaded"/);
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => verify(address, tokenOfRemoved(i), jid)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(await serves(gateway, 3)).toBe(200);
    await ends(gateway);
  });
});

describe.runIf(process.platform !== 'win32')(
  '/metrics of several workers',
  { timeout: 240_000 },
  () => {
    /** Of several connections one may be a worker's that hangs; the first answer counts. */
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

    it('are answered while workers hang or are dead, and no counter falls', async () => {
      const { start } = gatewayAt('metrics', 3);
      const gateway = start();
      const address = await gateway.address();
      for (let i = 0; i < AT_ONCE; i++) expect(await serves(gateway, 100 + i)).toBe(200);
      const before = await ask(address);
      expect([accepted(before), verified(before)]).toEqual([AT_ONCE, AT_ONCE]);

      const [hung, dead] = gateway.workers();
      process.kill(hung!, 'SIGSTOP');
      const whileHung = await ask(address);
      expect([accepted(whileHung), verified(whileHung)]).toEqual([AT_ONCE, AT_ONCE]);

      process.kill(dead!, 'SIGKILL');
      await gateway.until('stderr', /a worker ended \(SIGKILL\)/);
      const whileDead = await ask(address);
      expect([accepted(whileDead), verified(whileDead)]).toEqual([AT_ONCE, AT_ONCE]);

      process.kill(hung!, 'SIGKILL');
      await listening(gateway, 5);
      const after = await ask(address);
      expect([accepted(after), verified(after)]).toEqual([AT_ONCE, AT_ONCE]);
      // Gauges are of those that run.
      expect(after).toMatch(/totp_token_hosts 1\n/);
      await ends(gateway);
    });

    it('count the work of a worker until it was told to end', async () => {
      const { start } = gatewayAt('last-words', 2);
      const gateway = start();
      const address = await gateway.address();
      for (let i = 0; i < AT_ONCE; i++) expect(await serves(gateway, 200 + i)).toBe(200);
      // No metrics were asked for before: these come with its end.
      process.kill(gateway.workers()[0]!, 'SIGTERM');
      await listening(gateway, 3);
      expect(accepted(await ask(address))).toBe(AT_ONCE);
      await ends(gateway);
    });
  },
);
