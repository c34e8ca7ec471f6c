import { endOfLine, endOfWholeLines, withoutCr } from '../text/lines.js';
import { forgetMatch } from '../text/safe.js';
import { bytesOf, isBytes, isWellFormed, viewOf } from '../text/utf8.js';
import type { Core } from '../wasm/core.js';
import type { Engine } from './engine.js';

const TAB = 0x09;
/** In what the core's `verifyLines` returns, the bytes that it took stand above the lines. */
export const TAKEN_SHIFT = 11;
/** Room after a line that had to be asked about by itself: what follows it is copied again. */
const MIN_ROOM = 4096;
/** Shortest line worth expecting when room for the answers is made. */
const LINE_BYTES = 64;

/**
 * Lines as bytes. A lone surrogate has none in UTF-8, and the replacement character that an encoder
 * writes could be part of a jid: two TABs in its place make any line malformed.
 */
export function lineBytes(lines: string | Uint8Array): Uint8Array {
  if (typeof lines !== 'string' && !isBytes(lines)) {
    throw new TypeError(
      `lines must be a string or a Uint8Array: got ${lines === null ? 'null' : typeof lines}`,
    );
  }
  if (typeof lines !== 'string') return viewOf(lines);
  if (isWellFormed(lines)) return bytesOf(lines);
  const text = lines.replace(/\p{Surrogate}/gu, '\t\t');
  forgetMatch();
  return bytesOf(text);
}

/** Answers the lines `jid TAB token LF` of `bytes`, in order. */
export function answerLines(engine: Engine, bytes: Uint8Array, step: number): Int32Array {
  const { core } = engine;
  let answers: AnswerList | undefined;
  let room = core.input.length;
  for (let at = 0; at < bytes.length; ) {
    const end = endOfWholeLines(bytes, at, room);
    const part = at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end);
    core.input.set(part);
    const lines = core.calls.verifyLines(part.length, step, engine.asks);
    const answered = lines & ((1 << TAKEN_SHIFT) - 1);
    const taken = lines >>> TAKEN_SHIFT;
    engine.answered(answered);
    // Most calls are of one part.
    if (taken === bytes.length) return core.answers(answered);
    answers ??= new AnswerList(Math.ceil(bytes.length / LINE_BYTES));
    answers.take(core, answered);
    at += taken;
    const full = answered === core.calls.batchSize();
    room = Math.min(room * 2, core.input.length);
    if (at < bytes.length && !full && (part.length === 0 || taken < part.length)) {
      // The line does not fit, or its jid has to be prepared.
      const lineEnd = endOfLine(bytes, at);
      answers.add(answerLine(engine, bytes.subarray(at, lineEnd), step));
      at = lineEnd + 1;
      room = MIN_ROOM;
    }
  }
  return answers?.all ?? new Int32Array(0);
}

function answerLine(engine: Engine, line: Uint8Array, step: number): number {
  const tab = line.indexOf(TAB);
  if (tab < 0) return engine.one(null, null, step);
  return engine.one(line.subarray(0, tab), withoutCr(line.subarray(tab + 1)), step);
}

const EMPTY = new Int32Array(0);

/** Answers gathered from several calls of the core, in order. */
export class AnswerList {
  readonly #expected: number;
  #answers = EMPTY;
  #count = 0;

  /** @param expected - How many will come, more or less. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** Adds the answers of the core's last batch. */
  take(core: Core, count: number): void {
    this.#makeRoom(count);
    core.takeAnswers(count, this.#answers, this.#count);
    this.#count += count;
  }

  add(answer: number): void {
    this.#makeRoom(1);
    this.#answers[this.#count++] = answer;
  }

  get all(): Int32Array {
    return this.#answers.subarray(0, this.#count);
  }

  #makeRoom(more: number): void {
    const wanted = this.#count + more;
    if (wanted <= this.#answers.length) return;
    const larger = new Int32Array(Math.max(this.#answers.length * 2, this.#expected, wanted));
    larger.set(this.#answers);
    this.#answers = larger;
  }
}
