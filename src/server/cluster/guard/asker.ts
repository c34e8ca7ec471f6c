import type { Duplex } from 'node:stream';
import { VerifierError } from '../../../errors.js';
import type { GuardAnswer, GuardState, ReplayGuard, ReplayMark } from '../../../guards/guard.js';
import {
  ANSWERS,
  FrameReader,
  FrameWriter,
  GarbledFrame,
  KIND,
  MAX_MARKS,
  stateOf,
} from './frames.js';

/** The most marks that may wait for answers: about two seconds' work of a busy worker. */
const MAX_WAITING = 65_536;

export interface LeaderGuardOptions {
  /** How long the leader may take to answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Called once when the leader can no longer be asked. Not called after `close`. */
  readonly onLost: () => void;
}

/** A call that waits for the answers to its marks. */
interface Call {
  readonly count: number;
  resolve(answers: readonly GuardAnswer[]): void;
  reject(error: unknown): void;
}

/**
 * A question that was sent: the calls of one turn whose marks it holds, or a question for the
 * state.
 */
interface Question {
  readonly calls: Call[];
  /** How many marks it holds. */
  count: number;
  readonly askedMs: number;
  readonly onState: { resolve(state: GuardState): void; reject(error: unknown): void } | undefined;
  /** The question has timed out, and its calls have failed. */
  isLate: boolean;
}

/**
 * A worker's client of the guard that the leader holds for all workers. All marks of one turn of
 * the event loop go in one write.
 */
export class LeaderGuard implements ReplayGuard {
  readonly #channel: Duplex;
  readonly #options: LeaderGuardOptions;
  readonly #reader = new FrameReader((kind, number, body) => this.#take(kind, number, body));
  readonly #writer = new FrameWriter();
  /** Questions by number, the oldest first. */
  readonly #questions = new Map<number, Question>();
  #lastNumber = 0;
  /** The question that marks are added to in this turn. */
  #open: Question | undefined;
  #waiting = 0;
  #isSending = false;
  #timer: NodeJS.Timeout | undefined;
  /** The reason why this guard can no longer be asked. */
  #end: VerifierError | undefined;

  /** @param channel - The channel to the leader. It carries nothing but frames of the guard. */
  constructor(channel: Duplex, options: LeaderGuardOptions) {
    this.#channel = channel;
    this.#options = options;
    channel.on('data', (chunk: Buffer) => {
      try {
        this.#reader.push(chunk);
      } catch (error) {
        if (!(error instanceof GarbledFrame)) throw error;
        this.#lose('answered what is no answer');
      }
    });
    channel.on('error', () => this.#lose('is gone'));
    channel.once('close', () => this.#lose('is gone'));
    channel.once('end', () => this.#lose('is gone'));
  }

  /**
   * Implements `ReplayGuard.remember`.
   *
   * @throws {VerifierError} `ERR_STORE_FAILED`: there was no answer in time, too many marks wait,
   *   the leader has ended, or its store failed. `ERR_DISPOSED` after `close`.
   */
  remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    if (marks.length === 0) return Promise.resolve([]);
    return marks.length <= MAX_MARKS ? this.#ask(marks) : this.#askInParts(marks);
  }

  async #askInParts(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    const parts = Array.from({ length: Math.ceil(marks.length / MAX_MARKS) }, (_, i) =>
      this.#ask(marks.slice(i * MAX_MARKS, (i + 1) * MAX_MARKS)),
    );
    return (await Promise.all(parts)).flat();
  }

  state(): Promise<GuardState> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      this.#question(KIND.askState, { resolve, reject });
      this.#open = undefined;
    });
  }

  async close(): Promise<void> {
    this.#finish(new VerifierError('ERR_DISPOSED', 'this guard was closed'));
  }

  #ask(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      if (this.#waiting >= MAX_WAITING) return reject(failed(`has ${this.#waiting} to answer`));
      const { length } = marks;
      let open = this.#open;
      if (open === undefined || open.count + length > MAX_MARKS) {
        open = this.#open = this.#question(KIND.remember);
      }
      this.#writer.addMarks(marks);
      open.calls.push({ count: length, resolve, reject });
      open.count += length;
      this.#waiting += length;
    });
  }

  #question(kind: number, onState?: Question['onState']): Question {
    const askedMs = performance.now();
    const question: Question = { calls: [], count: 0, askedMs, onState, isLate: false };
    this.#lastNumber = (this.#lastNumber + 1) >>> 0;
    this.#questions.set(this.#lastNumber, question);
    this.#writer.begin(kind, this.#lastNumber);
    if (!this.#isSending) {
      this.#isSending = true;
      setImmediate(() => this.#send());
    }
    this.#timer ??= setTimeout(() => this.#giveUpLate(), this.#options.timeoutMs);
    return question;
  }

  #send(): void {
    this.#isSending = false;
    this.#open = undefined;
    if (this.#end === undefined) this.#channel.write(this.#writer.take());
  }

  #take(kind: number, number: number, body: Buffer): void {
    const question = this.#questions.get(number);
    if (question === undefined || !isAnswerTo(question, kind, body)) throw new GarbledFrame();
    this.#questions.delete(number);
    this.#waiting -= question.count;
    if (question.isLate) return;
    if (kind === KIND.failed) fail(question, new VerifierError('ERR_STORE_FAILED', `${body}`));
    else if (kind === KIND.state) question.onState?.resolve(stateOf(body));
    else answer(question, body);
  }

  /**
   * Fails the questions that have waited too long. Their answers are dropped if they still come.
   */
  #giveUpLate(): void {
    const { timeoutMs } = this.#options;
    this.#timer = undefined;
    for (const question of this.#questions.values()) {
      if (question.isLate) continue;
      const leftMs = question.askedMs + timeoutMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#giveUpLate(), Math.ceil(leftMs));
        return;
      }
      question.isLate = true;
      fail(question, failed(`gave no answer within ${timeoutMs} ms`));
    }
  }

  #lose(why: string): void {
    if (this.#finish(failed(why))) this.#options.onLost();
  }

  /** @returns Whether this guard was still open. */
  #finish(why: VerifierError): boolean {
    if (this.#end !== undefined) return false;
    this.#end = why;
    clearTimeout(this.#timer);
    this.#channel.destroy();
    for (const question of this.#questions.values()) fail(question, why);
    this.#questions.clear();
    return true;
  }
}

const failed = (why: string): VerifierError =>
  new VerifierError('ERR_STORE_FAILED', `the leading process, which holds the guard, ${why}`);

function isAnswerTo({ onState, count }: Question, kind: number, body: Buffer): boolean {
  if (kind === KIND.failed) return true;
  if (onState !== undefined) return kind === KIND.state;
  return (
    kind === KIND.answers && body.length === count && body.every((byte) => byte < ANSWERS.length)
  );
}

function answer({ calls }: Question, body: Buffer): void {
  let at = 0;
  for (const { count, resolve } of calls) {
    const answers: GuardAnswer[] = [];
    for (const end = at + count; at < end; at++) answers.push(ANSWERS[body[at] as number]!);
    resolve(answers);
  }
}

function fail({ calls, onState }: Question, why: VerifierError): void {
  onState?.reject(why);
  for (const { reject } of calls) reject(why);
}
