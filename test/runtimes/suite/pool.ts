/** Threads with one guard, where a runtime has threads; elsewhere the error that says so. */
import { createVerifierPool, type PoolOptions, type VerifierPool } from 'totp-token/pool';
import { type Case, equal, type Here, throws } from './check.js';
import { KEYS, OTHER_KEYS, PERIOD_MS, STEP, tokenOf } from './reference.js';

const TOKENS = 500;
const jids = Array.from({ length: TOKENS }, (_, i) => `user${i}@example.com`);
const tokens = () => Promise.all(jids.map((jid) => tokenOf({ jid })));

const poolOf = (options: PoolOptions): Promise<VerifierPool> =>
  createVerifierPool({
    hosts: { 'example.com': KEYS },
    clock: () => (STEP + 0.5) * PERIOD_MS,
    replay: { capacity: 10_000 },
    ...options,
  });

/** A thread of the runtime, by Node's API or a browser's. */
interface Thread {
  postMessage(message: unknown): void;
  terminate(): unknown;
}
type ThreadClass = new (...args: readonly never[]) => Thread;
interface Runtime {
  readonly process?: { getBuiltinModule?(name: string): object | undefined };
}

/** Notes the threads that are made while `use` runs. */
async function watched<T>(
  use: (started: readonly Thread[], isNode: boolean) => Promise<T>,
): Promise<T> {
  const module = (globalThis as Runtime).process?.getBuiltinModule?.('node:worker_threads');
  const home = (module ?? globalThis) as { Worker: ThreadClass };
  const { Worker } = home;
  const started: Thread[] = [];
  home.Worker = class extends Worker {
    constructor(...args: readonly never[]) {
      super(...args);
      started.push(this);
    }
  };
  try {
    return await use(started, module !== undefined);
  } finally {
    home.Worker = Worker;
  }
}

/** A case for runtimes with threads. The others must give an error that names what is missing. */
const withThreads = (name: string, run: () => Promise<void>): Case => ({
  name,
  run: ({ hasThreads }: Here) =>
    hasThreads ? run() : throws(() => poolOf({ threads: 1 }), { code: 'ERR_ENGINE_UNAVAILABLE' }),
});

/**
 * A thread ends, which is reported. The next one knows the keys and the accepted tokens.
 */
function dying(how: string, end: (thread: Thread, isNode: boolean) => void): Case {
  return withThreads(
    `a thread that ${how} is reported and replaced, and nothing is accepted again`,
    () =>
      watched(async (started, isNode) => {
        const reports: (string | undefined)[] = [];
        const onThreadError = (error: { readonly code?: string }) => void reports.push(error.code);
        const pool = await poolOf({ threads: 1, prepareNames: true, onThreadError });
        const all = await tokens();
        equal((await pool.verifyBatch(jids, all)).accepted, TOKENS);
        const accepted = () =>
          pool.verifyBatch(jids, all).then(
            (verdicts) => verdicts.accepted,
            () => 0,
          );
        const late = accepted();
        end(started[0] as Thread, isNode);
        // It is asked all the while, as an idle pool keeps no process alive.
        while (reports.length === 0) equal(await accepted(), 0);
        equal(reports, ['ERR_WORKER']);
        // Calls under way are settled, and later calls wait for the next thread.
        equal(await late, 0, 'under way');
        equal((await pool.verifyBatch(jids, all)).codes, new Uint8Array(TOKENS).fill(5));
        const other = await tokenOf({ nonce: 8 });
        equal((await pool.verifyBatch(['ALICE@example.com'], [other])).code(0), 'accepted');
        equal(started.length, 2);
        await pool.close();
      }),
  );
}

export const pool: readonly Case[] = [
  withThreads(
    'a pool accepts each token once over its threads, and changes keys in all of them',
    async () => {
      const pool = await poolOf({ threads: 2 });
      const all = await tokens();
      const lines = all.map((token, i) => `${jids[i]}\t${token}\n`).join('');
      const runs = await Promise.all([
        pool.verifyBatch(jids, all),
        pool.verifyLines(lines),
        pool.verifyBatch(jids, all),
        pool.verifyLines(lines),
      ]);
      for (let i = 0; i < TOKENS; i++) {
        equal(
          runs.map((run) => run.code(i)).sort(),
          ['accepted', 'replayed', 'replayed', 'replayed'],
          `${i}`,
        );
      }
      const token = await tokenOf({ keys: OTHER_KEYS });
      const code = async () => (await pool.verifyBatch(['alice@example.com'], [token])).code(0);
      equal(await code(), 'wrong-otp');
      await pool.setHost('example.com', OTHER_KEYS);
      equal(await code(), 'accepted');
      equal(await pool.removeHost('example.com'), true);
      equal([await code(), await code()], ['unknown-host', 'unknown-host']);
      await pool.close();
      await throws(() => pool.verifyLines('x\n'), { code: 'ERR_DISPOSED' });
    },
  ),
  // Its first look at this message is an error that nothing catches.
  dying('fails', (thread) => thread.postMessage(null)),
  // Nobody but the pool can do that to a Web Worker, so there it is a failure again.
  dying('is ended', (thread, isNode) => (isNode ? thread.terminate() : thread.postMessage(null))),
];
