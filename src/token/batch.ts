import { described } from '../check.js';
import { isBytes, isWellFormed, viewOf } from '../text/utf8.js';
import type { Engine } from './engine.js';

/** A UTF-16 unit takes three bytes of UTF-8 at most. */
const MAX_BYTES_A_CHAR = 3;
/** Elements of the longest array: ECMA-262 §10.4.2. */
const MAX_ARRAY = 2 ** 32 - 1;
/** Joining more strings at a time than this leaves the processor's caches. */
const GROUP = 512;

/**
 * Answers many tokens, in order. Strings are joined and encoded once a group, which is quicker than
 * one by one; what does not fit that form (bytes, other types, another length, a line break in a
 * jid) is asked about by itself.
 */
export function answerBatch(engine: Engine, { jids, tokens }: Pairs, step: number): Int32Array {
  const answers = new Int32Array(tokens.length);
  for (let at = 0; at < tokens.length; ) {
    // At least one, which may be of another form.
    const end = Math.max(joinable(engine, jids, tokens, at), at + 1);
    if (end - at > 1) at += answerJoined(engine, jids, tokens, at, end, step, answers);
    // What that left is not joined again: each token is joined once at most, whatever the others
    // are.
    for (; at < end; at++) answers[at] = engine.one(jids[at], tokens[at], step);
  }
  return answers;
}

/** Jids and tokens in arrays of our own, which nothing changes while a batch is answered. */
export interface Pairs {
  readonly jids: readonly unknown[];
  readonly tokens: readonly unknown[];
}

/**
 * Copies a batch: its arrays may have getters, or change when `prepareJid` runs. An element that
 * cannot be read is `null`, as malformed as it is. Bytes stay the caller's.
 *
 * @throws {TypeError} Not two arrays. @throws {RangeError} Not of one length.
 */
export function checkPairs(jids: readonly unknown[], tokens: readonly unknown[]): Pairs {
  const count = checkLength(jids, 'jids');
  const tokenCount = checkLength(tokens, 'tokens');
  if (count !== tokenCount) {
    throw new RangeError(`as many jids as tokens: got ${count} and ${tokenCount}`);
  }
  return { jids: copied(jids, count), tokens: copied(tokens, count) };
}

function checkLength(value: readonly unknown[], name: string): number {
  if (!Array.isArray(value))
    throw new TypeError(`${name} must be an array: got ${described(value)}`);
  const { length } = value;
  // A proxy of an array may say anything.
  if (!(Number.isInteger(length) && length >= 0 && length <= MAX_ARRAY)) {
    throw new TypeError(`${name} must be an array: its length is ${described(length)}`);
  }
  return length;
}

function copied(values: readonly unknown[], count: number): unknown[] {
  const copies = new Array<unknown>(count);
  for (let i = 0; i < count; i++) {
    try {
      copies[i] = values[i];
    } catch {
      copies[i] = null;
    }
  }
  return copies;
}

/** The same with copies of bytes, for a batch that may be answered again later. */
export function kept({ jids, tokens }: Pairs): Pairs {
  return { jids: jids.map(keptText), tokens: tokens.map(keptText) };
}

/** A jid or a token that nobody changes: bytes are copied. */
export function keptText(value: unknown): unknown {
  return isBytes(value) ? new Uint8Array(viewOf(value)) : value;
}

/** End of the run from `at` on of strings that can be joined and fit the input. */
function joinable(
  engine: Engine,
  jids: readonly unknown[],
  tokens: readonly unknown[],
  at: number,
): number {
  const { maxTokenBytes, settings, core } = engine;
  if (settings.nonce.min !== settings.nonce.max) return at;
  const last = Math.min(at + GROUP, tokens.length);
  let room = core.input.length;
  let i = at;
  for (; i < last; i++) {
    const token = tokens[i];
    const jid = jids[i];
    if (typeof token !== 'string' || typeof jid !== 'string' || token.length !== maxTokenBytes)
      break;
    room -= maxTokenBytes + (jid.length + 1) * MAX_BYTES_A_CHAR;
    if (room < 0) break;
  }
  return i;
}

/** How many of the run were answered: 0 when it cannot be joined after all. */
function answerJoined(
  engine: Engine,
  jids: readonly unknown[],
  tokens: readonly unknown[],
  at: number,
  end: number,
  step: number,
  answers: Int32Array,
): number {
  const { core, maxTokenBytes } = engine;
  const count = end - at;
  const whole = count === tokens.length;
  const tokenText = (whole ? tokens : tokens.slice(at, end)).join('');
  const jidText = (whole ? jids : jids.slice(at, end)).join('\n');
  const tokenBytes = core.write(tokenText, core.input);
  // More bytes than characters: one is not ASCII, and what follows it is out of place.
  if (tokenBytes !== count * maxTokenBytes) return 0;
  const jidBytes = core.write(jidText, core.input.subarray(tokenBytes));
  if (jidBytes !== jidText.length && !isWellFormed(jidText)) return 0;
  const answered = core.calls.verifyJoined(
    count,
    maxTokenBytes,
    tokenBytes + jidBytes,
    step,
    engine.asks,
  );
  if (answered <= 0) return 0;
  core.takeAnswers(answered, answers, at);
  engine.answered(answered);
  return answered;
}
