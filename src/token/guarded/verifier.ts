import { optionError } from '../../errors.js';
import type { ReplayGuard } from '../../guards/guard.js';
import { checkInteger } from '../../otp/options.js';
import { MARK_BYTES } from '../../wasm/core.js';
import { moduleFor } from '../../wasm/module.js';
import { answerBatch, checkPairs } from '../batch.js';
import type { Engine } from '../engine.js';
import { EngineOwner } from '../engine-owner.js';
import { answerLines, lineBytes } from '../lines.js';
import { MarkList } from '../marks.js';
import {
  VERIFIER_OPTIONS,
  type VerifierOptions,
  type VerifierSettings,
  verifierSettings,
} from '../options.js';
import type { Verdict } from '../verdict.js';
import { Verdicts } from '../verdicts.js';
import { askGuard, type GuardErrorListener } from './ask-guard.js';
import { Asked } from './asked.js';
import { InFlight } from './in-flight.js';

/** What `createGuardedVerifier` takes: the verifier's options and the guard. */
export interface GuardedOptions extends VerifierOptions {
  /** Decides who was first: a store that all verifiers of these hosts share. */
  readonly guard: ReplayGuard;
  /** How long it may take for one call, in milliseconds, 1 to 60000, default 2000. Later is `guard-unavailable`. */
  readonly guardTimeoutMs?: number | undefined;
  /** Told why the guard gave no answer, once a call. Never with a token, and what it throws is dropped. */
  readonly onGuardError?: GuardErrorListener | undefined;
}

const GUARDED_OPTIONS = [...VERIFIER_OPTIONS, 'guard', 'guardTimeoutMs', 'onGuardError'] as const;
const TIMEOUT_MS = 2000;
const MAX_TIMEOUT_MS = 60_000;

/**
 * Verifies tokens with a guard that processes or machines share: of all verifiers with that guard, one accepts a token.
 * Made by `createGuardedVerifier`.
 *
 * What this verifier has accepted, or was told is used, it remembers itself and refuses without asking again. Disposing of it
 * leaves the guard open.
 */
export class GuardedVerifier extends EngineOwner {
  readonly #guard: ReplayGuard;
  readonly #timeoutMs: number;
  readonly #onError: GuardErrorListener | undefined;
  readonly #inFlight = new InFlight();

  /** @internal */
  constructor(
    module: WebAssembly.Module,
    settings: VerifierSettings,
    options: GuardedOptions,
    timeoutMs: number,
  ) {
    super(module, settings);
    this.#guard = options.guard;
    this.#timeoutMs = timeoutMs;
    this.#onError = options.onGuardError;
    this.alive().core.calls.guardDefer();
  }

  /**
   * As `TokenVerifier.verify`, once the guard has answered. Never rejects for a jid, a token or a failing guard.
   *
   * @throws {TypeError} The clock gave no number.
   * @throws {RangeError} The clock gave no time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verify(jid: string | Uint8Array, token: string | Uint8Array): Promise<Verdict> {
    const verdicts = await this.#decide((engine, step) => Int32Array.of(engine.one(jid, token, step)));
    return verdicts.at(0);
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
    checkPairs(jids, tokens);
    return this.#decide((engine, step) => answerBatch(engine, jids, tokens, step));
  }

  /**
   * As `TokenVerifier.verifyLines`: the guard is asked once about all that are signed right.
   *
   * @throws {TypeError} Neither text nor bytes, or the clock gave no number.
   * @throws {RangeError} The clock gave no time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  async verifyLines(lines: Uint8Array | string): Promise<Verdicts> {
    const bytes = lineBytes(lines);
    return this.#decide((engine, step) => answerLines(engine, bytes, step));
  }

  async #decide(answer: (engine: Engine, step: number) => Int32Array): Promise<Verdicts> {
    const engine = this.alive();
    const step = this.step();
    const marks = new MarkList();
    // A call from within prepareJid comes in the middle of another, which goes on with its own marks.
    const outer = engine.marks;
    engine.marks = marks;
    let answers: Int32Array;
    try {
      answers = answer(engine, step);
    } finally {
      engine.marks = outer;
    }
    const { settings } = engine;
    const asked = new Asked(answers, marks, settings, step);
    if (asked.marks.length > 0) {
      this.#inFlight.begin(asked.names);
      const said = await askGuard(this.#guard, asked.marks, this.#timeoutMs, this.#onError);
      this.#inFlight.end(asked.names);
      asked.take(said, (name) => this.#inFlight.has(name));
      this.#settle(asked, step);
    }
    return new Verdicts(answers, step - settings.window.past, settings.window.past);
  }

  /** Remembers here what is used by now. What is known already was used by another call of this verifier meanwhile. */
  #settle(asked: Asked, step: number): void {
    // Disposed of meanwhile: the verdicts stand, there is nothing to remember any more.
    if (this.isDisposed) return;
    const { core } = this.alive();
    const most = core.calls.batchSize();
    for (let at = 0; at < asked.used.length; at += most) {
      const part = asked.used.slice(at, at + most);
      for (const [i, index] of part.entries()) core.input.set(asked.markBytes(index), i * MARK_BYTES);
      core.calls.guardSettle(part.length, step);
      asked.correct(part, core.answers(part.length));
    }
  }
}

/**
 * Makes a verifier whose tokens a shared guard decides about: Redis, LMDB, a Durable Object, one of your own.
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
  if (typeof guard?.remember !== 'function') {
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
  return new GuardedVerifier(await moduleFor(options.module), settings, options, timeoutMs);
}
