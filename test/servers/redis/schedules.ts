/** Schedules of faults between guards and a server, each drawn from its seed. */
import { setImmediate } from 'node:timers/promises';
import { RedisGuard } from '../../../src/guards/redis/guard.js';
import { settingsOf } from '../../../src/guards/redis/options.js';
import type { GuardAnswer, ReplayMark } from '../../../src/index.js';
import { drawFault, FaultProxy } from '../../../tools/testbed/fault-proxy.js';
import { type Random, seededRandom } from '../../../tools/testbed/random.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { markUntil } from '../../unit/guards/marks.js';
import { until } from '../../unit/guards/until.js';
import { PATIENT } from './patience.js';

/** Bytes of a connection in which a fault may begin: its login, a check and some questions. */
const BYTES = 12_000;
/** Schedules that run at once, as each of them mostly waits. */
const AT_ONCE = 25;
const MARKS = 3;

/** Stands in for a process that asks its guard about marks. */
class Asker {
  readonly #guard: RedisGuard;
  readonly #times: number[];

  /** @param times - How often each mark was accepted by all askers. */
  constructor(url: string, prefix: string, timeoutMs: number, times: number[]) {
    const options = { url, prefix, ...PATIENT, timeoutMs, retryAfterMs: 1 };
    this.#guard = new RedisGuard(settingsOf(options));
    this.#times = times;
  }

  /** @returns The answers, after they were counted. */
  async ask(
    marks: readonly ReplayMark[],
    which: readonly number[],
  ): Promise<readonly GuardAnswer[]> {
    const asked = which.map((i) => marks[i]!);
    const answers = await this.#guard
      .remember(asked)
      .catch(() => asked.map((): GuardAnswer => 'unavailable'));
    for (const [at, i] of which.entries())
      if (answers[at] === 'fresh') this.#times[i] = this.#times[i]! + 1;
    return answers;
  }

  close = () => this.#guard.close();
}

function step(proxy: FaultProxy, random: Random, ask: () => void): void {
  const actions = [
    ask,
    ask,
    ask,
    () => proxy.faults.push(drawFault(random, BYTES)),
    () => proxy.cutAfter(random(400), random(2) === 0 ? 'commands' : 'replies'),
    () => proxy.cut(),
    () => proxy.hold(),
    () => proxy.release(),
    () => {
      proxy.doublesConnections = !proxy.doublesConnections;
    },
  ];
  actions[random(actions.length)]!();
}

/**
 * Lets two processes ask about the same marks through faults, then ends the faults and asks again,
 * also through a third process that has not asked before.
 *
 * @throws {Error} A mark was accepted twice. It names the seed.
 */
async function runSchedule(server: RedisProcess, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const proxy = await FaultProxy.to(server.port);
  const times = Array<number>(MARKS + 1).fill(0);
  const prefix = `s${seed}:`;
  const id = (i: number) => `schedule${String(i).padStart(8, '0')}`;
  const marks = times.map((_, i) => markUntil(id(i), 58_900_000, Date.now() + 600_000));
  for (let faults = random(3); faults > 0; faults--) proxy.faults.push(drawFault(random, BYTES));
  // An asker with a short timeout may give up, but the answers that it gets must be right.
  const asker = (url: string, timeoutMs: number) => new Asker(url, prefix, timeoutMs, times);
  const some = [0, 1].map(() => asker(proxy.url, random(3) === 0 ? 150 : PATIENT.timeoutMs));
  const late = asker(server.url, PATIENT.timeoutMs);
  try {
    const asked: Promise<unknown>[] = [];
    for (let steps = 4 + random(9); steps > 0; steps--) {
      step(proxy, random, () => {
        const which = [...Array(MARKS).keys()].filter(() => random(3) > 0);
        if (which.length > 0) asked.push(some[random(2)]!.ask(marks, which));
      });
      for (let turns = random(6); turns > 0; turns--) await setImmediate();
    }
    proxy.heal();
    await Promise.all(asked);
    const all = [...Array(MARKS).keys()];
    for (const each of [...some, late])
      await until(async () => !(await each.ask(marks, all)).includes('unavailable'));
    // The guard accepts a new mark again.
    const again = some[random(2)]!;
    await until(async () => (await again.ask(marks, [MARKS]))[0] !== 'unavailable');
    // One of them can be lost: where one process has two attempts under way, and both are cut off.
    if (times.some((each) => each > 1) || times[MARKS] !== 1)
      throw new Error(`schedule ${seed}: accepted ${times.join(', ')} times`);
  } finally {
    await Promise.all([...some, late].map((each) => each.close()));
    await proxy.close();
  }
}

/** Runs `count` schedules with the seeds from `first` on. */
export async function runSchedules(
  server: RedisProcess,
  first: number,
  count: number,
): Promise<void> {
  let next = first;
  const worker = async () => {
    while (next < first + count) await runSchedule(server, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
