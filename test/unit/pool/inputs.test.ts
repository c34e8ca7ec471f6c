/** A pool copies what it checked, and touches no more memory than it used. */
import { describe, expect, it } from 'vitest';
import { createVerifier, type VerifierOptions } from '../../../dist/index.js';
import { clock, closePools, hosts, issue, issuer, poolOf } from './setup.js';
import { watchThreads } from './threads.js';

const threads = watchThreads();
closePools();

const JID = 'alice@example.com';

describe('options that the caller changes later', () => {
  it('have their first value for a replacement thread', async () => {
    const replay = { capacity: 100_000, rejectStepsBefore: 'none' as const };
    const window = { past: 1, future: 1 };
    const nonceDigits = { min: 32, max: 32 };
    let errors: unknown[] = [];
    const options = {
      threads: 1,
      replay,
      window,
      nonceDigits,
      onThreadError: (error: unknown) => errors.push(error),
    };
    const pool = await poolOf(options as never);
    const { jids, tokens } = issue(200);
    expect((await pool.verifyBatch(jids, tokens)).accepted).toBe(200);
    replay.capacity = 10_000;
    window.past = 10;
    nonceDigits.min = 0;
    Object.assign(options, {
      onThreadError: () => {
        errors = [];
      },
      period: 60,
    });
    await threads.started[0]!.terminate();
    const again = await pool.verifyBatch(jids, tokens).catch(() => pool.verifyBatch(jids, tokens));
    expect([...again.codes]).toEqual(Array(200).fill(5));
    expect(errors).toHaveLength(1);
    expect(pool.replay.capacity).toBe(100_000);
  });

  it('are read once each, from getters and from what they inherit', async () => {
    const reads: string[] = [];
    const counted = (target: object, path: string): object =>
      new Proxy(target, {
        get(of, name, receiver) {
          const value = Reflect.get(of, name, receiver);
          if (typeof name === 'string') reads.push(`${path}${name}`);
          return typeof value === 'object' && value !== null && !Array.isArray(value)
            ? counted(value, `${path}${String(name)}.`)
            : value;
        },
      });
    const options = {
      hosts,
      clock,
      replay: { capacity: 1000 },
      window: { past: 2 },
      nonceDigits: { min: 32 },
      threads: 1,
    };
    const pool = await poolOf(counted(options, '') as VerifierOptions);
    expect(reads.filter((path, i) => reads.indexOf(path) !== i)).toEqual([]);
    reads.length = 0;
    await threads.started[0]!.terminate();
    const token = issuer.issue(JID);
    const verdicts = await pool
      .verifyBatch([JID], [token])
      .catch(() => pool.verifyBatch([JID], [token]));
    expect(verdicts.code(0)).toBe('accepted');
    expect(reads).toEqual([]);
  });
});

describe('the memory of a pool', () => {
  /**
   * Resident bytes. What is touched becomes resident: 2 GiB if the pool's regions were, 840 MB (20
   * million entries of 14 bytes, for three steps) if the guard was. Wiping what was used touches
   * nothing new, and the rest of the process, a few megabytes, does not depend on the machine's
   * speed. A system short of memory makes pages leave, which lowers the figure and fails nothing.
   */
  const rss = () => process.memoryUsage.rss();
  /** Far from both: a quarter of the least that a fault adds, many times what anything else does. */
  const MOST_BYTES = 200e6;

  it('serves above 2 GiB like below, and closing touches no region that was not used', async () => {
    const pool = await poolOf({ threads: 6, maxKeys: 100_000, replay: { capacity: 1000 } });
    const { jids, tokens } = issue(20_000);
    const verdicts = await pool.verifyBatch(
      jids,
      tokens.map((token, i) => (i < 900 ? token : 'x')),
    );
    expect(verdicts.accepted).toBeGreaterThan(0);
    expect(threads.started.at(-1)!.start!.region!.start).toBeGreaterThan(2 ** 31);
    const before = rss();
    await pool.close();
    expect(rss() - before).toBeLessThan(MOST_BYTES);
  });

  it('for a guard that was hardly used is not touched when its verifier is disposed of', async () => {
    const verifier = await createVerifier({ hosts, clock, replay: { capacity: 20_000_000 } });
    for (let i = 0; i < 10; i++) expect(verifier.verify(JID, issuer.issue(JID)).ok).toBe(true);
    const before = rss();
    verifier.dispose();
    expect(rss() - before).toBeLessThan(MOST_BYTES);
  });
});
