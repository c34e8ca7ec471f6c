/**
 * Threads that share a guard, in every order of their atomic operations, with threads that die
 * before any of them. All is the core itself: see stepped-core.ts.
 */
import { explore, type World } from '../../../tools/testbed/explore.js';
import { STACK_BYTES, SteppedCore, type Stop } from './stepped-core.js';

/** A token by its MAC and its step. */
interface Token {
  readonly tag: bigint;
  readonly step: number;
}

/** What happens to a guard. */
export interface Case {
  /** Tokens of each thread, in the order in which it is asked about them. */
  readonly threads: readonly (readonly Token[])[];
  /** How many threads may die, each at any point of a call. Another one repeats the call. */
  readonly deaths: number;
  /** Accepted tokens of a step that there is room for. */
  readonly capacity: number;
}

const GENERATIONS = 2;
/** Where in a region its quotas begin, and where USED ends: assembly/memory.ts. */
const [NOTES, NOTES_END] = [0x1800, 0x1c10];
const HOLDING = 0x1c00;
const [FRESH, REPLAYED] = [0, 5];
const LOCKED = 8n;
const ABANDONED = 1n << 63n;

/** The instances and the memory. All worlds of a case take turns with them. */
class Stage {
  readonly memory = new WebAssembly.Memory({ initial: 20, maximum: 20, shared: true });
  readonly bytes = new Uint8Array(this.memory.buffer);
  readonly threads: readonly { readonly core: SteppedCore; readonly region: number }[];
  /** Opens what dead threads have left, as the pool does it. */
  readonly keepers: readonly SteppedCore[];
  readonly regionBytes: number;
  readonly #parts: readonly (readonly [at: number, end: number])[];

  constructor({ threads, capacity }: Case) {
    let end = this.bytes.length;
    const core = () => {
      end -= STACK_BYTES;
      return new SteppedCore(this.memory, end);
    };
    const cores = threads.map(core);
    this.keepers = threads.map(core);
    const { calls } = cores[0]!;
    this.regionBytes = calls.regionBytes();
    const guard = calls.regionsStart() + threads.length * this.regionBytes;
    this.threads = cores.map((core, thread) => {
      const region = core.calls.regionsStart() + thread * this.regionBytes;
      core.calls.shareRegion(region, this.regionBytes, thread);
      core.calls.shareGuard(guard, GENERATIONS, capacity, 0);
      core.calls.configure(0, 0, 8, 32, 32, 1);
      return { core, region };
    });
    this.#parts = [
      [guard, guard + calls.guardBytes(GENERATIONS, capacity)],
      ...this.threads.flatMap(({ core, region }) => [
        [region + NOTES, region + NOTES_END] as const,
        [core.calls.inputAddress(), core.calls.inputAddress() + 16] as const,
        [core.calls.answersAddress(), core.calls.answersAddress() + 4] as const,
      ]),
      [end, this.bytes.length],
    ];
  }

  save(): Uint8Array {
    const parts = this.#parts.map(([at, end]) => this.bytes.slice(at, end));
    return new Uint8Array(Buffer.concat(parts));
  }

  load(saved: Uint8Array): void {
    let from = 0;
    for (const [at, end] of this.#parts) {
      this.bytes.set(saved.subarray(from, from + end - at), at);
      from += end - at;
    }
  }

  ask(thread: number, { tag, step }: Token): () => void {
    const { calls } = this.threads[thread]!.core;
    const mark = new DataView(this.memory.buffer, calls.inputAddress(), 16);
    mark.setBigUint64(0, tag, true);
    mark.setUint32(8, 0, true);
    mark.setUint32(12, 1, true);
    return () => calls.guardSettle(1, step);
  }

  answer(thread: number): number {
    const { calls } = this.threads[thread]!.core;
    return new DataView(this.memory.buffer).getInt32(calls.answersAddress(), true);
  }

  open(thread: number): () => void {
    const { calls } = this.keepers[thread]!;
    return () => calls.guardOpenAfter(thread, this.threads[thread]!.region);
  }

  /** Whether another thread has closed the lock that this one looks at, and is not given up. */
  isShut(thread: number): boolean {
    const { region } = this.threads[thread]!;
    const bucket = new Uint32Array(this.memory.buffer, region + HOLDING, 1)[0]!;
    const stamp = new BigUint64Array(this.memory.buffer, bucket, 1)[0]!;
    return (stamp & (LOCKED | ABANDONED)) === LOCKED;
  }
}

/** Where a thread is. */
interface Place {
  /** Tokens that it was answered. */
  done: number;
  /** Where its call has stopped; undefined when it has no more to do. */
  stop: Stop | undefined;
  /** Whether it is dead, and its lock is being opened. */
  isDead: boolean;
}

class Threads implements World {
  readonly #case: Case;
  readonly #stage: Stage;
  readonly #places: Place[];
  readonly #told: number[][];
  #deaths = 0;
  #saved: Uint8Array;

  /** @param from - To be a copy of it. Default: a world in which each thread has begun. */
  constructor(options: Case, stage: Stage, saved: Uint8Array, from?: Threads) {
    this.#case = options;
    this.#stage = stage;
    this.#saved = saved;
    if (from !== undefined) {
      this.#told = from.#told.map((told) => [...told]);
      this.#places = from.#places.map((place) => ({ ...place }));
      this.#deaths = from.#deaths;
      return;
    }
    this.#told = options.threads.map(() => []);
    this.#places = options.threads.map(() => ({ done: 0, stop: undefined, isDead: false }));
    stage.load(saved);
    for (const thread of options.threads.keys()) this.#next(thread);
    this.#saved = stage.save();
  }

  copy(): Threads {
    return new Threads(this.#case, this.#stage, this.#saved, this);
  }

  events(): string[] {
    this.#stage.load(this.#saved);
    return this.#places.flatMap(({ stop, isDead }, thread) => {
      if (stop === undefined) return [];
      const waits = stop === 'looks at a lock' && !isDead && this.#stage.isShut(thread);
      const mayDie = !isDead && this.#deaths < this.#case.deaths;
      return [`${thread} ${waits ? 'gives up' : 'goes on'}`, ...(mayDie ? [`${thread} dies`] : [])];
    });
  }

  async happen(event: string): Promise<void> {
    const thread = Number(event[0]);
    const place = this.#places[thread]!;
    const { core } = this.#stage.threads[thread]!;
    this.#stage.load(this.#saved);
    if (event.endsWith('dies')) {
      this.#deaths++;
      place.isDead = true;
      place.stop = this.#stage.keepers[thread]!.begin(this.#stage.open(thread));
      if (place.stop === undefined) this.#replace(thread);
    } else if (place.isDead) {
      place.stop = this.#stage.keepers[thread]!.resume(this.#stage.open(thread));
      if (place.stop === undefined) this.#replace(thread);
    } else {
      const token = this.#case.threads[thread]![place.done]!;
      place.stop = core.resume(this.#stage.ask(thread, token), event.endsWith('gives up'));
      if (place.stop === undefined) {
        this.#told[thread]!.push(this.#stage.answer(thread));
        place.done++;
        this.#next(thread);
      }
    }
    this.#saved = this.#stage.save();
  }

  state(): string {
    const places = this.#places.map(({ done, stop, isDead }) => `${done}${stop}${isDead}`);
    return `${places} ${this.#told.join(';')} ${this.#deaths} ${Buffer.from(this.#saved).toString('latin1')}`;
  }

  /** How often each token was accepted, by its MAC. */
  accepted(): Map<bigint, number> {
    const times = new Map<bigint, number>();
    for (const [thread, told] of this.#told.entries()) {
      for (const [i, verdict] of told.entries()) {
        const { tag } = this.#case.threads[thread]![i]!;
        if (verdict === FRESH) times.set(tag, (times.get(tag) ?? 0) + 1);
      }
    }
    return times;
  }

  /** What a thread is told of a token now that all is over. */
  askAfterwards(token: Token): number {
    this.#stage.load(this.#saved);
    this.#stage.ask(0, token)();
    return this.#stage.answer(0);
  }

  get isOver(): boolean {
    return this.#places.every(({ stop }) => stop === undefined);
  }

  #next(thread: number): void {
    const place = this.#places[thread]!;
    const token = this.#case.threads[thread]![place.done];
    if (token === undefined) return;
    place.stop = this.#stage.threads[thread]!.core.begin(this.#stage.ask(thread, token));
  }

  /** The dead thread's lock is open: its region is wiped, and another thread begins in it. */
  #replace(thread: number): void {
    const { regionBytes, threads } = this.#stage;
    const { core, region } = threads[thread]!;
    this.#places[thread]!.isDead = false;
    core.calls.regionWipe(region, regionBytes, true);
    core.calls.shareRegion(region, regionBytes, thread);
    this.#next(thread);
  }
}

/** What was found. */
export interface Found {
  /** How often a token was accepted at most. */
  readonly acceptedAtMost: number;
  /** How many different tokens were accepted at most. */
  readonly acceptedTogether: number;
  readonly states: number;
  readonly interleavings: bigint;
}

/**
 * Explores a case.
 *
 * @throws {Error} In the end a lock is closed, or an accepted token is not known as replayed.
 */
export async function interleaved(options: Case): Promise<Found> {
  const stage = new Stage(options);
  const start = stage.save();
  const tokens = options.threads.flat();
  let [acceptedAtMost, acceptedTogether] = [0, 0];
  const seen = await explore(
    () => new Threads(options, stage, start),
    (world, path) => {
      const accepted = world.accepted();
      acceptedAtMost = Math.max(acceptedAtMost, ...accepted.values());
      acceptedTogether = Math.max(acceptedTogether, accepted.size);
      if (!world.isOver) return;
      for (const token of tokens) {
        const verdict = world.askAfterwards(token);
        const isLost = accepted.has(token.tag) && verdict === FRESH;
        const isShut = options.capacity > tokens.length && ![FRESH, REPLAYED].includes(verdict);
        if (isLost || (isShut && !isOld(token, tokens)))
          throw new Error(`${verdict} for ${token.tag} in the end of: ${path.join(', ')}`);
      }
    },
  );
  return { acceptedAtMost, acceptedTogether, ...seen };
}

/** Whether a later step may have taken the token's generation over. */
const isOld = ({ step }: Token, tokens: readonly Token[]): boolean =>
  tokens.some((other) => other.step > step);
