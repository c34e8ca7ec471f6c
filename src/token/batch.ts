import { described } from '../check.js';
import { isBytes, isWellFormed, viewOf } from '../text/utf8.js';
import type { Engine } from './engine.js';

/** A UTF-16 unit takes at most three bytes of UTF-8. */
const MAX_BYTES_A_CHAR = 3;
/** The length of the longest array: ECMA-262 §10.4.2. */
const MAX_ARRAY = 2 ** 32 - 1;
/** The most strings that are joined at a time. More would not fit into the processor's caches. */
const GROUP = 512;

/**
 * Answers many tokens, in order. The strings of a group are joined and encoded at once, which is
 * quicker than one by one. A token that cannot be joined (bytes, another type, another length, a
 * line break in its jid) is verified by itself.
 */
export function answerBatch(engine: Engine, { jids, tokens }: Pairs, step: number): Int32Array {
  const answers = new Int32Array(tokens.length);
  for (let at = 0; at < tokens.length; ) {
    // Takes at least one token, which may have another form.
    const end = Math.max(joinable(engine, jids, tokens, at), at + 1);
    if (end - at > 1) at += answerJoined(engine, jids, tokens, at, end, step, answers);
    // The rest is not joined again, so each token is joined at most once.
    for (; at < end; at++) answers[at] = engine.one(jids[at], tokens[at], step);
  }
  return answers;
}

/** Jids and tokens in our own arrays, which do not change while a batch is answered. */
export interface Pairs {
  readonly jids: readonly unknown[];
  readonly tokens: readonly unknown[];
}

/**
 * Copies the arrays of a batch. They may have getters, or change while `prepareJid` runs. An
 * element that cannot be read becomes `null`, which is malformed. Bytes are not copied.
 *
 * @throws {TypeError} An argument is not an array.
 * @throws {RangeError} The arrays differ in length.
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
  // A proxy of an array may return any length.
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

/** Copies bytes too, for a batch that may be answered again later. */
export function kept({ jids, tokens }: Pairs): Pairs {
  return { jids: jids.map(keptText), tokens: tokens.map(keptText) };
}

/** Copies a jid or a token if it is bytes, so that nobody can change it. */
export function keptText(value: unknown): unknown {
  return isBytes(value) ? new Uint8Array(viewOf(value)) : value;
}

/** Returns the end of the run of strings from `at` that can be joined and fit into the input. */
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

/** Returns how many tokens of the run were answered. 0 if it cannot be joined after all. */
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
  // More bytes than characters: one character is not ASCII, and all text after it is misplaced.
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
