/**
 * A worker that takes another's place has the others' guard and hosts, whatever the files say by
 * then.
 */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childrenOf } from '../../../../tools/lib/processes.mjs';
import { KEYS, SECRET, SEED, temporaryFolder } from '../../cli/binary.js';
import { begin, freshToken, verify } from '../../cli/gateway-process.js';
import { tokenOf } from '../../token/reference.js';

const folder = temporaryFolder();
const GUARD = '[guard]\ntimeoutMs = 60000\nrejectStepsBefore = "none"\n';
const write = (workers: number, text = GUARD) =>
  folder.file(
    'gateway.toml',
    `listen = "127.0.0.1:0"\nkeys = "keys.json"\nworkers = ${workers}\n${text}`,
  );
const writeKeys = (hosts: object) => folder.file('keys.json', JSON.stringify({ hosts }));
const AT_ONCE = 24;

describe.runIf(process.platform !== 'win32')('a worker that takes the place of another', () => {
  let gateway: Awaited<ReturnType<typeof begin>>;
  let workers = 2;

  beforeAll(async () => {
    writeKeys(KEYS);
    gateway = await begin(['--config', write(2)]);
  });
  afterAll(async () => {
    gateway.child.kill('SIGTERM');
    await gateway.result;
  });

  const refusals = () => gateway.output.stdout.match(/reload refused/g)?.length ?? 0;

  /** How often each of some tokens is accepted, by whichever worker. */
  async function accepted(token: string): Promise<number> {
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () => verify(gateway.address, token)),
    );
    return answers.filter(({ status }) => status === 200).length;
  }

  /** Requests go to all workers in turn, so one that is new is asked too. */
  async function replaceWorkers(count = 1): Promise<void> {
    for (const id of childrenOf(gateway.child.pid).slice(0, count)) {
      process.kill(id, 'SIGKILL');
      await gateway.until('stdout', new RegExp(`"worker":${++workers},[^\\n]*"msg":"listening"`));
    }
  }

  it.each([
    ['one process instead of two', () => write(1)],
    ['a guard in a folder', () => write(2, '[guard]\nkind = "lmdb"\npath = "guard"\n')],
    ['a smaller guard', () => write(2, `${GUARD}capacity = 1\n`)],
    ['other steps', () => write(2, `${GUARD}[token]\npast = 2\n`)],
    ['another session secret', () => write(2, `${GUARD}[session]\nsecretFile = "secret"\n`)],
  ])('after %s was refused: each token is accepted once', async (_what, edit) => {
    folder.file('secret', 'x'.repeat(40));
    const before = refusals();
    const used = freshToken(randomInt(2 ** 40));
    expect(await accepted(used)).toBe(1);
    edit();
    gateway.child.kill('SIGHUP');
    // Both say so.
    await expect.poll(refusals).toBe(before + 2);
    await replaceWorkers();
    expect(await accepted(used)).toBe(0);
    for (let i = 0; i < 4; i++) expect(await accepted(freshToken(randomInt(2 ** 40)))).toBe(1);
  });

  it('has the hosts of the others, not those of a file that nobody has read', async () => {
    const jid = 'alice@example.org';
    const token = (nonce: number) =>
      tokenOf({
        jid,
        keys: { otpSeed: SEED, tokenSecret: SECRET },
        step: Math.floor(Date.now() / 30_000),
        nonce,
      });
    const statuses = async (nonce: number) => {
      const answers = Array.from({ length: AT_ONCE }, (_, i) =>
        verify(gateway.address, token(nonce + i), jid),
      );
      return new Set((await Promise.all(answers)).map(({ status }) => status));
    };
    write(2);
    writeKeys({ ...KEYS, 'example.org': KEYS['example.com'] });
    await replaceWorkers();
    expect(await statuses(1000)).toEqual(new Set([401]));
    gateway.child.kill('SIGHUP');
    const reloads = () => gateway.output.stdout.match(/"msg":"reloaded"/g)?.length;
    await expect.poll(reloads).toBe(2);
    expect(await statuses(2000)).toEqual(new Set([200]));
    // None that has read the file itself is left.
    await replaceWorkers(2);
    expect(await statuses(3000)).toEqual(new Set([200]));
  });
});
