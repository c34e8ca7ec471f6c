import type { Duplex } from 'node:stream';
import type { GuardState, ReplayGuard } from '../../../guards/guard.js';
import { whyOf } from '../../observe/log.js';
import {
  ANSWERS,
  FrameReader,
  FrameWriter,
  GarbledFrame,
  KIND,
  PackedMarks,
  UNAVAILABLE,
} from './frames.js';

/** The store in which the leader remembers marks. */
export interface MarkStore {
  /**
   * Remembers each mark and says which marks are new, like `ReplayGuard.remember`.
   *
   * @param marks - Valid only until this method returns.
   * @param answers - One byte for each mark, an index in `ANSWERS`. The method writes them before
   *   it returns, or before its promise resolves. They start as `UNAVAILABLE`.
   */
  remember(marks: PackedMarks, answers: Uint8Array): void | Promise<void>;
  state(): GuardState | Promise<GuardState>;
  close(): Promise<void>;
}

/** Makes a guard of this package the leader's store. */
export class GuardStore implements MarkStore {
  readonly #guard: ReplayGuard;

  constructor(guard: ReplayGuard) {
    this.#guard = guard;
  }

  async remember(marks: PackedMarks, answers: Uint8Array): Promise<void> {
    const asked = Array.from({ length: marks.count }, (_, i) => marks.mark(i));
    const said = await this.#guard.remember(asked);
    for (let i = 0; i < answers.length; i++) {
      const answer = ANSWERS.indexOf(said[i] as (typeof ANSWERS)[number]);
      answers[i] = answer === -1 ? UNAVAILABLE : answer;
    }
  }

  async state(): Promise<GuardState> {
    return (await this.#guard.state?.()) ?? {};
  }

  async close(): Promise<void> {
    await this.#guard.close?.();
  }
}

/**
 * The most questions of one worker that the store works on at once. At this number the channel is
 * paused.
 */
const MAX_WAITING = 64;

/**
 * Answers one worker's questions from the store. Reads no faster than the worker takes the answers.
 *
 * @param channel - The channel to the worker. It is destroyed when it ends or fails.
 * @param onGarbled - Called once if the bytes are not a frame, or end within one. No mark of that
 *   frame was remembered.
 */
export function answerWorker(channel: Duplex, store: MarkStore, onGarbled: () => void): void {
  const answerer = new Answerer(channel, store);
  const end = (isGarbled: boolean) => {
    channel.removeListener('data', take);
    channel.destroy();
    if (isGarbled) onGarbled();
  };
  const take = (chunk: Buffer) => {
    try {
      answerer.take(chunk);
    } catch (error) {
      if (!(error instanceof GarbledFrame)) throw error;
      end(true);
    }
  };
  channel.on('data', take);
  channel.once('end', () => end(answerer.isWithinFrame));
  // The end of a worker's process is reported elsewhere, by `Child`.
  channel.on('error', () => end(false));
}

class Answerer {
  readonly #channel: Duplex;
  readonly #store: MarkStore;
  readonly #reader = new FrameReader((kind, number, body) => this.#answer(kind, number, body));
  readonly #writer = new FrameWriter();
  /** Questions that the store is working on. */
  #waiting = 0;
  #isDraining = false;
  #isFlushing = false;

  constructor(channel: Duplex, store: MarkStore) {
    this.#channel = channel;
    this.#store = store;
    channel.on('drain', () => {
      this.#isDraining = false;
      this.#readOn();
    });
  }

  get isWithinFrame(): boolean {
    return this.#reader.isWithinFrame;
  }

  take(chunk: Buffer): void {
    this.#reader.push(chunk);
    this.#flush();
  }

  #answer(kind: number, number: number, body: Buffer): void {
    if (kind === KIND.askState) void this.#later(number, this.#state(number));
    else if (kind === KIND.remember) this.#remember(number, body);
    else throw new GarbledFrame();
  }

  #remember(number: number, body: Buffer): void {
    const marks = new PackedMarks(body);
    const { count } = marks;
    const answers = Buffer.alloc(count, UNAVAILABLE);
    try {
      const done = this.#store.remember(marks, answers);
      const write = () => this.#writeAnswers(number, answers);
      if (done === undefined) write();
      else void this.#later(number, done.then(write));
    } catch (error) {
      this.#writeFailure(number, error);
    }
  }

  async #state(number: number): Promise<void> {
    const state = await this.#store.state();
    this.#writer.begin(KIND.state, number);
    this.#writer.addState(state);
  }

  async #later(number: number, answered: Promise<void>): Promise<void> {
    this.#waiting++;
    if (this.#waiting === MAX_WAITING) this.#channel.pause();
    try {
      await answered;
    } catch (error) {
      this.#writeFailure(number, error);
    }
    this.#waiting--;
    this.#readOn();
    this.#flushSoon();
  }

  #writeAnswers(number: number, answers: Uint8Array): void {
    this.#writer.begin(KIND.answers, number);
    this.#writer.addAnswers(answers);
  }

  #writeFailure(number: number, error: unknown): void {
    this.#writer.begin(KIND.failed, number);
    this.#writer.addReason(whyOf(error));
  }

  /** Sends all answers of one turn of the event loop in one write. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writer.isEmpty) return;
    const message = this.#writer.take();
    if (this.#channel.destroyed || this.#channel.write(message)) return;
    this.#isDraining = true;
    this.#channel.pause();
  }

  #readOn(): void {
    if (!this.#isDraining && this.#waiting < MAX_WAITING) this.#channel.resume();
  }
}
