import { checkInteger } from '../../check.js';
import { optionError } from '../../errors.js';
import {
  GUARD_CODES,
  type GuardAnswer,
  type ReplayGuard,
  type ReplayMark,
} from '../../guards/guard.js';
import { MARK_BYTES } from '../../wasm/core.js';
import { moduleFor } from '../../wasm/module.js';
import { answerBatch, checkPairs, kept, keptText, type Pairs } from '../batch.js';
import { type Engine, EngineOwner } from '../engine.js';
import { answerLines, lineBytes } from '../lines.js';
import { MarkList } from '../marks.js';
import {
  VERIFIER_OPTIONS,
  type VerifierOptions,
  type VerifierSettings,
  verifierSettings,
} from '../options.js';
import {
  codeOf,
  stepIndexOf,
  VERDICT_CODES,
  type Verdict,
  Verdicts,
  verdictOf,
} from '../verdict.js';
import { askGuard, type GuardErrorListener, type GuardSettings } from './ask-guard.js';
import { InFlight, markOf, PendingMarks } from './asked.js';

/** The options of `createGuardedVerifier`: those of a verifier, and the guard. */
export interface GuardedOptions extends VerifierOptions {
  /** The store that all verifiers of these hosts share. It decides which of them was first. */
  readonly guard: ReplayGuard;
  /**
   * How long the guard may take for one call, in milliseconds, 1 to 60000, default 2000. If it
   * takes longer, the tokens are `guard-unavailable`.
   */
  readonly guardTimeoutMs?: number | undefined;
  /**
   * Called once per call that the guard did not answer, with the reason. The reason never holds a
   * token. An error that the function throws is ignored.
   */
  readonly onGuardError?: GuardErrorListener | undefined;
}

const GUARDED_OPTIONS = [...VERIFIER_OPTIONS, 'guard', 'guardTimeoutMs', 'onGuardError'] as const;
const TIMEOUT_MS = 2000;
const MAX_TIMEOUT_MS = 60_000;
const { fresh: FRESH, replayed: REPLAYED, stale: STALE } = GUARD_CODES;
const UNKNOWN_HOST = VERDICT_CODES.indexOf('unknown-host');

/**
 * The tokens of a call. They can be answered, and copied, so that the caller cannot change them
 * before they are answered again.
 */
interface Question {
  answer(engine: Engine, step: number): Int32Array;
  kept(): Question;
}

function questionOf(pairs: Pairs): Question {
  return {
    answer: (engine, step) => answerBatch(engine, pairs, step),
    kept: () => questionOf(kept(pairs)),
  };
}

function questionOfLines(bytes: Uint8Array): Question {
  return {
    answer: (engine, step) => answerLines(engine, bytes, step),
    kept: () => questionOfLines(new Uint8Array(bytes)),
  };
}

/**
 * Verifies tokens with a guard that processes or machines share. Of all verifiers with that guard,
 * exactly one accepts a token. Made by `createGuardedVerifier`.
 *
 * The verifier itself also remembers tokens that it accepted or that the guard called used, and
 * refuses them without asking again. `dispose` leaves the guard open.
 */
export class GuardedVerifier extends EngineOwner {
  readonly #guard: GuardSettings;
  readonly #inFlight = new InFlight();

  /** @internal */
  constructor(module: WebAssembly.Module, settings: VerifierSettings, guard: GuardSettings) {
    super(module, settings);
    this.#guard = guard;
    this.alive().core.calls.guardDefer();
  }

  /**
   * Does the same as `TokenVerifier.verify`, and resolves when the guard has answered. Never
   * rejects for a jid, a token or a guard that fails.
   *
   * @throws {TypeError} The clock did not return a number.
   * @throws {RangeError} The clock did not return a time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verify(jid: string | Uint8Array, token: string | Uint8Array): Promise<Verdict> {
    const engine = this.alive();
    const step = this.step();
    const { window, period } = engine.settings;
    const firstStep = step - window.past;
    const answer = engine.ask(jid, token, step);
    if (codeOf(answer) !== FRESH) return verdictOf(answer, firstStep, window.past);
    const marks = new MarkList();
    marks.take(engine.core, 1);
    if (!marks.hasOneStep(0)) {
      const answers = Int32Array.of(answer);
      await this.#judge(engine, questionOf({ jids: [jid], tokens: [token] }), answers, marks, step);
      return verdictOf(answers[0] as number, firstStep, window.past);
    }
    // Does the same as `#judge`, without its lists.
    const { changes } = engine.keyring;
    const [keptJid, keptToken] = [keptText(jid), keptText(token)];
    const mark = markOf(marks.id(0), firstStep + stepIndexOf(answer), window, period);
    const asked = Object.freeze([mark]);
    this.#inFlight.begin(asked);
    const said = await askGuard(this.#guard, asked);
    this.#inFlight.end(asked);
    const told = GUARD_CODES[said[0] as GuardAnswer];
    const isUsed = told === FRESH || (told === REPLAYED && !this.#inFlight.has(mark.id));
    let decided = answer | told;
    // Must come before the token is remembered here. Otherwise this second check would find it
    // used.
    if (told === FRESH && this.isDisposed) decided = UNKNOWN_HOST;
    else if (told === FRESH && engine.keyring.changes !== changes)
      decided = engine.ask(keptJid, keptToken, step);
    if (isUsed && !this.isDisposed) decided = settleOne(engine, decided, marks, step);
    const isOver = step + stepIndexOf(decided) < this.step();
    if (codeOf(decided) === FRESH && isOver) decided = STALE;
    return verdictOf(decided, firstStep, window.past);
  }

  /**
   * Does the same as `TokenVerifier.verifyBatch`. It asks the guard once about all tokens with a
   * good signature.
   *
   * @throws {TypeError} `jids` or `tokens` is not an array, or the clock did not return a number.
   * @throws {RangeError} The arrays differ in length, or the clock did not return a time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verifyBatch(
    jids: readonly (string | Uint8Array)[],
    tokens: readonly (string | Uint8Array)[],
  ): Promise<Verdicts> {
    return this.#decide(questionOf(checkPairs(jids, tokens)));
  }

  /**
   * Does the same as `TokenVerifier.verifyLines`. It asks the guard once about all tokens with a
   * good signature.
   *
   * @throws {TypeError} `lines` is neither text nor bytes, or the clock did not return a number.
   * @throws {RangeError} The clock did not return a time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verifyLines(lines: Uint8Array | string): Promise<Verdicts> {
    return this.#decide(questionOfLines(lineBytes(lines)));
  }

  /** The name of the class. */
  override get [Symbol.toStringTag](): string {
    return 'GuardedVerifier';
  }

  async #decide(question: Question): Promise<Verdicts> {
    const engine = this.alive();
    const step = this.step();
    const marks = new MarkList();
    const answers = answered(engine, question, step, marks);
    await this.#judge(engine, question, answers, marks, step);
    const { past } = engine.settings.window;
    return new Verdicts(answers, step - past, past);
  }

  /** Asks the guard about the tokens that the core lets through, and changes their answers. */
  async #judge(
    engine: Engine,
    question: Question,
    answers: Int32Array,
    marks: MarkList,
    step: number,
  ): Promise<void> {
    const { settings, keyring } = engine;
    const asked = new PendingMarks(answers, marks, settings, step);
    if (asked.marks.length === 0) return;
    const { changes } = keyring;
    const copy = question.kept();
    this.#inFlight.begin(asked.marks);
    const said = await askGuard(this.#guard, asked.marks);
    this.#inFlight.end(asked.marks);
    asked.take(said, this.#inFlight);
    // Must come before the tokens are remembered here. Otherwise this second check would find them
    // used.
    if (this.isDisposed) asked.recheck(new Int32Array(answers.length).fill(UNKNOWN_HOST));
    else if (keyring.changes !== changes)
      asked.recheck(answered(engine, copy, step, new MarkList()));
    this.#settle(asked, step);
    asked.expire(this.step());
  }

  /**
   * Remembers in the core the tokens that are used now. If the core knows one already, another call
   * of this verifier used it in the meantime.
   */
  #settle(asked: PendingMarks, step: number): void {
    // The verifier was disposed of in the meantime: there is nothing to remember any more.
    if (this.isDisposed) return;
    const { core } = this.alive();
    const most = core.calls.batchSize();
    for (let at = 0; at < asked.used.length; at += most) {
      const part = asked.used.slice(at, at + most);
      for (const [i, index] of part.entries())
        core.input.set(asked.markBytes(index), i * MARK_BYTES);
      core.calls.guardSettle(part.length, step);
      asked.correct(part, core.answers(part.length));
    }
  }
}

/**
 * Does the same as `#settle` for one token.
 *
 * @returns The answer about the token.
 */
function settleOne({ core }: Engine, answer: number, marks: MarkList, step: number): number {
  core.input.set(marks.bytes(0));
  core.calls.guardSettle(1, step);
  return core.answer(0) === REPLAYED ? (answer & ~0xff) | REPLAYED : answer;
}

/**
 * Answers a question. `prepareJid` may call the verifier in the middle of another call, so the
 * marks of that call are restored.
 */
function answered(engine: Engine, question: Question, step: number, marks: MarkList): Int32Array {
  const outer = engine.marks;
  engine.marks = marks;
  try {
    return question.answer(engine, step);
  } finally {
    engine.marks = outer;
  }
}

/**
 * Makes a verifier that asks a shared guard whether a token is unused: Redis, LMDB, a Durable
 * Object, or your own.
 *
 * @throws {VerifierError} As `createVerifier`; `ERR_OPTION` if `guard` is not a guard.
 *
 * @example
 * const verifier = await createGuardedVerifier({ hosts, guard: await createRedisGuard({ url }) });
 * (await verifier.verify('alice@example.com', token)).ok;
 */
export async function createGuardedVerifier(options: GuardedOptions): Promise<GuardedVerifier> {
  const settings = verifierSettings(options, GUARDED_OPTIONS);
  const { guard, guardTimeoutMs, onGuardError } = options;
  const remember: unknown = guard?.remember;
  if (typeof remember !== 'function') {
    throw optionError(
      'guard',
      'not a replay guard',
      'hand in one with remember(marks), such as createRedisGuard gives',
    );
  }
  if (onGuardError !== undefined && typeof onGuardError !== 'function') {
    throw optionError('onGuardError', 'not a function', 'hand in (error) => void');
  }
  const timeoutMs = checkInteger(guardTimeoutMs, 'guardTimeoutMs', TIMEOUT_MS, 1, MAX_TIMEOUT_MS);
  const ask = (marks: readonly ReplayMark[]): unknown => Reflect.apply(remember, guard, [marks]);
  const asks = { remember: ask, timeoutMs, onError: onGuardError };
  return new GuardedVerifier(await moduleFor(options.module), settings, asks);
}
