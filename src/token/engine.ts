import { VerifierError } from '../errors.js';
import { stepAt } from '../otp/time-step.js';
import type { Facts } from '../text/shown.js';
import { Core } from '../wasm/core.js';
import { KeyHolder, Keyring } from './keyring.js';
import type { MarkList } from './marks.js';
import type { VerifierSettings } from './options.js';
import { prepared, SIGNATURE_CHARS, sizeOf, writeRequest } from './request.js';
import { ASK_PREPARED, MALFORMED } from './verdict.js';

/** The state of the replay guard. */
export interface ReplayState {
  /** How many tokens each step has room for. */
  readonly capacity: number;
  /** Bytes of the guard's tables, for all steps together. */
  readonly bytes: number;
  /** The steps that it remembers now, and how many tokens of each were accepted. */
  readonly generations: readonly { readonly step: number; readonly entries: number }[];
}

/** A guard has one generation for each step of the window. */
export function generationsOf({ window }: VerifierSettings): number {
  return window.past + window.future + 1;
}

/** The length of the longest token in bytes. */
export function maxTokenBytes({
  digits,
  nonce,
}: Pick<VerifierSettings, 'digits' | 'nonce'>): number {
  return digits + nonce.max + 1 + SIGNATURE_CHARS;
}

/**
 * The first step about which a new guard can be sure. Reads the clock only if needed. An earlier
 * process may also have accepted tokens of steps that had not begun, from clients whose clock was
 * ahead.
 */
export function firstStepOf(
  { rejectsEarlierSteps, window }: VerifierSettings,
  now: () => number,
): number {
  return rejectsEarlierSteps ? now() + window.future + 1 : 0;
}

export function noGuardMemory(capacity: number): VerifierError {
  const fault = `no memory for a replay guard of ${capacity} tokens a step; lower replay.capacity`;
  return new VerifierError('ERR_MEMORY', fault);
}

/** A verifier's core, and methods to ask it. Answers are the core's numbers. @internal */
export class Engine {
  readonly core: Core;
  readonly keyring: Keyring;
  readonly settings: VerifierSettings;
  readonly maxTokenBytes: number;
  /** Whether the core must return jids that preparation may change. */
  readonly asks: boolean;
  /** Collects the marks of tokens, if a guard outside the core decides. */
  marks: MarkList | undefined;

  constructor(core: Core, settings: VerifierSettings) {
    const { window, nonce, digits, algorithmId } = settings;
    this.core = core;
    // The text of the keys is not kept. From here on, only the core has the keys.
    this.settings = { ...settings, hosts: [] };
    this.asks = settings.prepareJid !== undefined;
    this.maxTokenBytes = maxTokenBytes(settings);
    core.calls.configure(window.past, window.future, digits, nonce.min, nonce.max, algorithmId);
    this.keyring = new Keyring(core, settings);
  }

  /**
   * Gives the core a replay guard of its own.
   *
   * @param firstStep - Tokens of steps before this one are stale.
   * @throws {VerifierError} `ERR_MEMORY`.
   */
  layGuard(firstStep: number): void {
    const { capacity } = this.settings;
    const made = this.core.calls.guardCreate(generationsOf(this.settings), capacity, firstStep);
    this.core.refresh();
    if (made === 0) throw noGuardMemory(capacity);
  }

  /** Answers one token of a batch. */
  one(jid: unknown, token: unknown, step: number): number {
    const answer = this.ask(jid, token, step);
    this.answered(1);
    return answer;
  }

  /** Call this after each call of the core, with the number of tokens that it answered. */
  answered(count: number): void {
    this.marks?.take(this.core, count);
  }

  /**
   * Answers one token. Rare cases are in separate methods. If a JavaScript engine can inline this
   * method completely, `encodeInto` leaves no object on the heap.
   */
  ask(jid: unknown, token: unknown, step: number): number {
    const { core, asks } = this;
    const jidBytes = writeRequest(core, jid, token, this.maxTokenBytes);
    if (jidBytes < 0) return MALFORMED;
    const answer = core.calls.verify(sizeOf(token), jidBytes, step, asks);
    return answer === ASK_PREPARED
      ? this.#askPrepared(jid as string | Uint8Array, token, step)
      : answer;
  }

  #askPrepared(jid: string | Uint8Array, token: unknown, step: number): number {
    const name = prepared(jid, this.settings.prepareJid as (jid: string) => string | null);
    const bytes = writeRequest(this.core, name, token, this.maxTokenBytes);
    if (bytes < 0) return MALFORMED;
    return this.core.calls.verify(sizeOf(token), bytes, step, false);
  }

  get replay(): ReplayState {
    const { calls } = this.core;
    const count = generationsOf(this.settings);
    const generations = Array.from({ length: count }, (_, i) => ({
      step: calls.guardStep(i),
      entries: calls.guardEntries(i),
    }));
    return {
      capacity: this.settings.capacity,
      bytes: calls.guardBytes(count, this.settings.capacity),
      generations: generations.filter(({ step }) => step >= 0).sort((a, b) => a.step - b.step),
    };
  }

  wipe(): void {
    this.keyring.close();
    this.core.calls.wipe();
  }
}

/**
 * The base of all verifiers on one thread: keys that may change, a memory, a clock and disposal.
 */
export abstract class EngineOwner extends KeyHolder {
  readonly #clock: () => number;
  readonly #period: number;
  #engine: Engine | undefined;
  // The step of the last call, and when it begins and ends in milliseconds. Most calls fall into
  // it. NaN never does.
  #lastStep = 0;
  #startMs = 0;
  #endMs = 0;

  /** @internal */
  constructor(module: WebAssembly.Module, settings: VerifierSettings) {
    super();
    this.#clock = settings.clock;
    this.#period = settings.period;
    this.#engine = new Engine(new Core(module), settings);
    try {
      this.#engine.layGuard(firstStepOf(settings, () => this.step()));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * What the verifier's own memory of accepted tokens holds now. @throws {VerifierError}
   * `ERR_DISPOSED`.
   */
  get replay(): ReplayState {
    return this.alive().replay;
  }

  /**
   * What a log may show: the first hosts' names, how many accepted tokens it remembers, and how
   * many of one step it can; or `{ disposed: true }`. No key and no token.
   */
  override toJSON(): Facts {
    const facts = super.toJSON();
    if (this.isDisposed) return facts;
    const { capacity, generations } = this.replay;
    const remembered = generations.reduce((sum, { entries }) => sum + entries, 0);
    return { ...facts, remembered, capacity };
  }

  /** Wipes keys, OTPs and accepted tokens from memory. Later calls end in `ERR_DISPOSED`. */
  override dispose(): void {
    this.#engine?.wipe();
    this.#engine = undefined;
  }

  /** @internal */
  protected override get keyring(): Keyring {
    return this.alive().keyring;
  }

  /** @internal */
  protected override get isDisposed(): boolean {
    return this.#engine === undefined;
  }

  /** @internal */
  protected alive(): Engine {
    if (this.#engine === undefined)
      throw new VerifierError('ERR_DISPOSED', 'this verifier was disposed of');
    return this.#engine;
  }

  /** The clock's time step. @internal */
  protected step(): number {
    const clock = this.#clock;
    const timeMs = clock();
    const isSame = typeof timeMs === 'number' && timeMs >= this.#startMs && timeMs < this.#endMs;
    return isSame ? this.#lastStep : this.#nextStep(timeMs);
  }

  #nextStep(timeMs: number): number {
    const step = stepAt(timeMs, this.#period, 0, 'clock()');
    this.#lastStep = step;
    this.#startMs = step * this.#period * 1000;
    // If milliseconds are no longer exact, neither are the edges, and each call computes the step
    // again.
    const endMs = this.#startMs + this.#period * 1000;
    this.#endMs = Number.isSafeInteger(endMs) ? endMs : Number.NaN;
    return step;
  }
}
