/** Load on a quorum of Redis servers: each token is shown to two processes, while servers fail. */
import {
  createRedisQuorumGuard,
  type RedisQuorumOptions,
} from '../../../src/guards/redis/index.js';
import type { GuardAnswer, ReplayMark } from '../../../src/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { markUntil } from '../../unit/guards/marks.js';
import { PATIENT } from './patience.js';

/** Tokens of one call. */
const AT_ONCE = 50;

/** How many tokens were shown and accepted. */
export interface Outcome {
  readonly shown: number;
  readonly accepted: number;
  readonly acceptedTwice: number;
}

let count = 0;

/**
 * A mark whose step began half a minute ago, so that an emptied server may have known it, and which
 * lasts ten minutes, longer than a test on the slowest machine.
 */
export const newMark = (): ReplayMark => ({
  ...markUntil(`quorum${String(++count).padStart(10, '0')}`, 58_900_000, Date.now() + 600_000),
  startsAtMs: Date.now() - 30_000,
});

/** How tokens are shown. */
export interface Showing {
  readonly tokens: number;
  /** Whether two processes are shown a token at once, and not one after the other. */
  readonly isAtOnce: boolean;
  readonly options?: Partial<RedisQuorumOptions>;
  /**
   * Begins after a quarter of the tokens, and returns a function that ends it after three quarters.
   */
  fault(): Promise<() => Promise<unknown>>;
}

/** Shows tokens to two processes while servers fail, and then all tokens to three processes. */
export async function load(
  servers: readonly RedisProcess[],
  { tokens, isAtOnce, options, fault }: Showing,
): Promise<Outcome> {
  const urls = servers.map(({ url }) => url);
  const open = (rejectStepsBefore: 'restart' | 'creation') =>
    createRedisQuorumGuard({ urls, ...PATIENT, rejectStepsBefore, ...options });
  const guards = [await open('restart'), await open('restart')];
  const times = new Map<ReplayMark, number>();
  const ask = async (guard: (typeof guards)[number], marks: readonly ReplayMark[]) => {
    const answers = await guard.remember(marks).catch((): readonly GuardAnswer[] => []);
    for (const [i, mark] of marks.entries())
      if (answers[i] === 'fresh') times.set(mark, (times.get(mark) ?? 0) + 1);
  };
  const shown: ReplayMark[] = [];
  let end: (() => Promise<unknown>) | undefined;
  for (let at = 0; at < tokens; at += AT_ONCE) {
    const marks = Array.from({ length: Math.min(AT_ONCE, tokens - at) }, newMark);
    shown.push(...marks);
    // Not waited for yet, so that it meets calls that are under way.
    const isTime = (part: number) => at >= tokens * part && at - AT_ONCE < tokens * part;
    const began = isTime(1 / 4) ? fault() : undefined;
    const ended = isTime(3 / 4) ? end?.() : undefined;
    const order = shown.length % (2 * AT_ONCE) === 0 ? guards : [...guards].reverse();
    if (isAtOnce) await Promise.all(order.map((guard) => ask(guard, marks)));
    else for (const guard of order) await ask(guard, marks);
    if (began !== undefined) end = await began;
    await ended;
  }
  // One that was not there. Where a majority may be empty, it looks at when their memories were created.
  guards.push(await open(isAtOnce ? 'creation' : 'restart'));
  for (let at = 0; at < shown.length; at += 1000)
    await Promise.all(guards.map((guard) => ask(guard, shown.slice(at, at + 1000))));
  await Promise.all(guards.map((guard) => guard.close()));
  const all = [...times.values()];
  return {
    shown: shown.length,
    accepted: all.length,
    acceptedTwice: all.filter((each) => each > 1).length,
  };
}

type Fault = (server: RedisProcess) => Promise<() => Promise<unknown>>;

/** Faults of a server, each with a function that ends it. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  killed: async (server) => {
    await server.kill();
    return () => server.restart();
  },
  paused: async (server) => {
    server.signal('SIGSTOP');
    return async () => server.signal('SIGCONT');
  },
  emptied: async (server) => {
    await server.command('FLUSHALL');
    return async () => {};
  },
  restarted: async (server) => {
    await server.kill();
    await server.restart();
    return async () => {};
  },
};
