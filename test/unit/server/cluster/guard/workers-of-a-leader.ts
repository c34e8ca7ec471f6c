/**
 * Workers that ask their leader about one token, in every order of all that can happen: half a
 * message passes, the store answers, a channel ends within a message and another worker asks again.
 * The channel's code and the table are the real ones.
 */
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { GuardAnswer } from '../../../../../src/index.js';
import { answerWorker, type MarkStore } from '../../../../../src/server/cluster/guard/answerer.js';
import { LeaderGuard } from '../../../../../src/server/cluster/guard/asker.js';
import { ANSWERS } from '../../../../../src/server/cluster/guard/frames.js';
import { GuardTable } from '../../../../../src/server/cluster/guard/table.js';
import { explore, type World } from '../../../../../tools/testbed/explore.js';
import { markOf, PERIOD_MS } from '../../../guards/marks.js';

/** What may happen. */
export interface Case {
  /** How often each worker asks; it does not wait for an answer before it asks again. */
  readonly attempts: readonly number[];
  /** How many channels may end, of all workers together. */
  readonly cuts: number;
  /** Whether the store answers later, in any order. Default: it is the table, which answers at once. */
  readonly answersLater?: boolean;
}

const STEP = 58_900_000;

/** One end of a channel: what is written waits until the test lets it pass. */
class End extends Duplex {
  readonly waiting: Buffer[] = [];

  override _write(bytes: Buffer, _: BufferEncoding, done: () => void): void {
    const half = bytes.length >> 1;
    this.waiting.push(bytes.subarray(0, half), bytes.subarray(half));
    done();
  }

  override _read(): void {}
}

/** A store that decides about a question when the test says so. */
class LateStore implements MarkStore {
  readonly open: (() => void)[] = [];
  #isKnown = false;

  remember({ count }: { readonly count: number }, answers: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.open.push(() => {
        for (let i = 0; i < count; i++) {
          answers[i] = ANSWERS.indexOf(this.#isKnown ? 'replayed' : 'fresh');
          this.#isKnown = true;
        }
        resolve();
      });
    });
  }

  state = () => ({});
  close = async () => {};
}

class Worker {
  readonly told: (GuardAnswer | 'asking')[] = [];
  readonly past: string[] = [];
  readonly #store: MarkStore;
  leader!: End;
  worker!: End;
  #guard!: LeaderGuard;

  constructor(store: MarkStore) {
    this.#store = store;
    this.begin();
  }

  /** A new process takes the place of the one that was cut off. */
  begin(): void {
    this.leader = new End();
    this.worker = new End();
    answerWorker(this.leader, this.#store, () => {});
    this.#guard = new LeaderGuard(this.worker, { timeoutMs: 3_600_000, onLost() {} });
  }

  ask(id: string): void {
    const attempt = this.told.push('asking') - 1;
    const tell = (answer: GuardAnswer) => {
      this.told[attempt] = answer;
    };
    this.#guard.remember([markOf(id, STEP)]).then(
      ([answer]) => tell(answer ?? 'unavailable'),
      () => tell('unavailable'),
    );
  }

  cut(): void {
    this.worker.destroy();
    this.leader.push(null);
    this.begin();
  }

  end(): Promise<void> {
    this.leader.destroy();
    return this.#guard.close();
  }
}

let worlds = 0;

class Workers implements World {
  readonly #case: Case;
  readonly #workers: readonly Worker[];
  readonly #late: LateStore | undefined;
  /** The table tells marks apart by their first characters. */
  readonly #id = `${String(++worlds).padStart(10, '0')}leader`;
  readonly #decided: number[] = [];
  #cuts = 0;

  constructor(options: Case, table: MarkStore) {
    this.#case = options;
    this.#late = options.answersLater ? new LateStore() : undefined;
    this.#workers = options.attempts.map(() => new Worker(this.#late ?? table));
  }

  get told(): readonly (GuardAnswer | 'asking')[] {
    return this.#workers.flatMap(({ told }) => told);
  }

  events(): string[] {
    const events = this.#workers.flatMap(({ told, leader, worker }, i) => [
      ...(told.length < this.#case.attempts[i]! ? [`${i} asks`] : []),
      ...(worker.waiting.length > 0 ? [`${i} sends`] : []),
      ...(leader.waiting.length > 0 ? [`${i} hears`] : []),
      ...(told.includes('asking') && this.#cuts < this.#case.cuts ? [`${i} ends`] : []),
    ]);
    return [...events, ...(this.#late?.open ?? []).map((_, i) => `store ${i}`)];
  }

  async happen(event: string): Promise<void> {
    const [who, what] = event.split(' ');
    if (who === 'store') {
      this.#decided.push(Number(what));
      this.#late?.open.splice(Number(what), 1)[0]?.();
    } else {
      const one = this.#workers[Number(who)]!;
      one.past.push(what!);
      if (what === 'asks') one.ask(this.#id);
      else if (what === 'sends') one.leader.push(one.worker.waiting.shift());
      else if (what === 'hears') one.worker.push(one.leader.waiting.shift());
      else {
        this.#cuts++;
        one.cut();
      }
    }
    // Streams and the guard go on in later turns; none of them waits for time.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
  }

  state(): string {
    const workers = this.#workers.map(({ told, past, leader, worker }) => {
      const sent = [worker, leader].map(({ waiting }) =>
        waiting.map((each) => each.toString('hex')),
      );
      return `${told}/${past}/${sent.join('/')}`;
    });
    return [this.#cuts, this.#decided, ...workers].join('|');
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }
}

/**
 * Explores a case.
 *
 * @throws {Error} The token was accepted twice, a call has no answer in the end, or nobody was told
 *   `fresh` although no channel ended.
 */
export async function workersOf(options: Case) {
  const table = await GuardTable.open(
    {
      capacity: 1_000_000,
      window: { past: 1, future: 1 },
      rejectStepsBefore: 'none',
      clock: () => STEP * PERIOD_MS,
    },
    PERIOD_MS / 1000,
  );
  const made: Workers[] = [];
  const make = () => {
    const world = new Workers(options, table);
    made.push(world);
    return world;
  };
  let acceptedAtMost = 0;
  const seen = await explore(make, (world, path) => {
    const { told } = world;
    const accepted = told.filter((answer) => answer === 'fresh').length;
    acceptedAtMost = Math.max(acceptedAtMost, accepted);
    const isOver = world.events().length === 0;
    const isUnheard = isOver && (told.includes('asking') || (options.cuts === 0 && accepted === 0));
    if (accepted > 1 || isUnheard) throw new Error(`${told} after: ${path.join(', ')}`);
  });
  await Promise.all(made.map((world) => world.end()));
  return { acceptedAtMost, ...seen };
}
