import { checkInteger } from '../../check.js';
import { optionError } from '../../errors.js';
import type { ReplayGuard } from '../../guards/guard.js';
import { MARK_BYTES } from '../../wasm/core.js';
import { moduleFor } from '../../wasm/module.js';
import { answerBatch, checkPairs, kept, type Pairs } from '../batch.js';
import { type Engine, EngineOwner } from '../engine.js';
import { answerLines, lineBytes } from '../lines.js';
import { MarkList } from '../marks.js';
import {
  VERIFIER_OPTIONS,
  type VerifierOptions,
  type VerifierSettings,
  verifierSettings,
} from '../options.js';
import { VERDICT_CODES, type Verdict, Verdicts } from '../verdict.js';
import { askGuard, type GuardErrorListener, type Remember } from './ask-guard.js';
import { InFlight, PendingMarks } from './asked.js';

/** What `createGuardedVerifier` takes: the verifier's options and the guard. */
export interface GuardedOptions extends VerifierOptions {
  /** Decides who was first: a store that all verifiers of these hosts share. */
  readonly guard: ReplayGuard;
  /**
   * How long it may take for one call, in milliseconds, 1 to 60000, default 2000. Later is
   * `guard-unavailable`.
   */
  readonly guardTimeoutMs?: number | undefined;
  /**
   * Told why the guard gave no answer, once a call. Never with a token, and what it throws is
   * dropped.
   */
  readonly onGuardError?: GuardErrorListener | undefined;
}

const GUARDED_OPTIONS = [...VERIFIER_OPTIONS, 'guard', 'guardTimeoutMs', 'onGuardError'] as const;
const TIMEOUT_MS = 2000;
const MAX_TIMEOUT_MS = 60_000;
const UNKNOWN_HOST = VERDICT_CODES.indexOf('unknown-host');

/** How the guard is asked, checked. */
interface GuardSettings {
  readonly remember: Remember;
  readonly timeoutMs: number;
  readonly onError: GuardErrorListener | undefined;
}

/**
 * The tokens of a call: how to answer them, and a copy to answer once more that no caller can
 * change.
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
 * Verifies tokens with a guard that processes or machines share: of all verifiers with that guard,
 * one accepts a token. Made by `createGuardedVerifier`.
 *
 * What this verifier has accepted, or was told is used, it remembers itself and refuses without
 * asking again. Disposing of it leaves the guard open.
 */
export class GuardedVerifier extends EngineOwner {
  readonly #remember: Remember;
  readonly #timeoutMs: number;
  readonly #onError: GuardErrorListener | undefined;
  readonly #inFlight = new InFlight();

  /** @internal */
  constructor(
    module: WebAssembly.Module,
    settings: VerifierSettings,
    { remember, timeoutMs, onError }: GuardSettings,
  ) {
    super(module, settings);
    this.#remember = remember;
    this.#timeoutMs = timeoutMs;
    this.#onError = onError;
    this.alive().core.calls.guardDefer();
  }

  /**
   * As `TokenVerifier.verify`, once the guard has answered. Never rejects for a jid, a token or a
   * failing guard.
   *
   * @throws {TypeError} The clock gave no number.
   * @throws {RangeError} The clock gave no time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verify(jid: string | Uint8Array, token: string | Uint8Array): Promise<Verdict> {
    const verdicts = await this.#decide(questionOf({ jids: [jid], tokens: [token] }));
    return verdicts.at(0) as Verdict;
  }

  /**
   * As `TokenVerifier.verifyBatch`: the guard is asked once about all that are signed right.
   *
   * @throws {TypeError} One of the two is no array, or the clock gave no number.
   * @throws {RangeError} The arrays differ in length, or the clock gave no time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verifyBatch(
    jids: readonly (string | Uint8Array)[],
    tokens: readonly (string | Uint8Array)[],
  ): Promise<Verdicts> {
    return this.#decide(questionOf(checkPairs(jids, tokens)));
  }

  /**
   * As `TokenVerifier.verifyLines`: the guard is asked once about all that are signed right.
   *
   * @throws {TypeError} Neither text nor bytes, or the clock gave no number.
   * @throws {RangeError} The clock gave no time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verifyLines(lines: Uint8Array | string): Promise<Verdicts> {
    return this.#decide(questionOfLines(lineBytes(lines)));
  }

  override get [Symbol.toStringTag](): string {
    return 'GuardedVerifier';
  }

  async #decide(question: Question): Promise<Verdicts> {
    const engine = this.alive();
    const step = this.step();
    const marks = new MarkList();
    const answers = answered(engine, question, step, marks);
    const { settings, keyring } = engine;
    const asked = new PendingMarks(answers, marks, settings, step);
    if (asked.marks.length > 0) {
      const { changes } = keyring;
      const copy = question.kept();
      this.#inFlight.begin(asked.names);
      const said = await askGuard(this.#remember, asked.marks, this.#timeoutMs, this.#onError);
      this.#inFlight.end(asked.names);
      asked.take(said, (name) => this.#inFlight.has(name));
      // Before they are remembered here, or the second look would find them used.
      if (this.isDisposed) asked.recheck(new Int32Array(answers.length).fill(UNKNOWN_HOST));
      else if (keyring.changes !== changes)
        asked.recheck(answered(engine, copy, step, new MarkList()));
      this.#settle(asked, step);
      asked.expire(this.step());
    }
    return new Verdicts(answers, step - settings.window.past, settings.window.past);
  }

  /**
   * Remembers here what is used by now. What is known already was used by another call of this
   * verifier meanwhile.
   */
  #settle(asked: PendingMarks, step: number): void {
    // Disposed of meanwhile: there is nothing to remember any more.
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
 * A call from within prepareJid comes in the middle of another, which goes on with its own marks.
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
 * Makes a verifier whose tokens a shared guard decides about: Redis, LMDB, a Durable Object, one of
 * your own.
 *
 * @throws {VerifierError} As `createVerifier`; `ERR_OPTION` for a guard that is none.
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
  const ask: Remember = (marks) => Reflect.apply(remember, guard, [marks]);
  const asks = { remember: ask, timeoutMs, onError: onGuardError };
  return new GuardedVerifier(await moduleFor(options.module), settings, asks);
}
