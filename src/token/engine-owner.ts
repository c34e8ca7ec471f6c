// For Symbol.dispose in the declaration of the class: a project need not name this library itself.
/// <reference lib="esnext.disposable" preserve="true" />
import { VerifierError } from '../errors.js';
import { stepAt } from '../otp/time-step.js';
import { Core } from '../wasm/core.js';
import { Engine, firstStepOf, type ReplayState } from './engine.js';
import type { HostKeys, VerifierSettings } from './options.js';

/** What all verifiers of one thread have in common: keys that may change, a memory, a clock, an end. */
export abstract class EngineOwner {
  readonly #clock: () => number;
  readonly #period: number;
  #engine: Engine | undefined;
  // The step of the call before, and the milliseconds at which it begins and ends: most calls fall into it, NaN into none.
  #lastStep = 0;
  #startMs = 0;
  #endMs = 0;

  /** @internal */
  constructor(module: WebAssembly.Module, settings: VerifierSettings) {
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
   * Adds a host, or replaces its keys, from the next token on. What was accepted stays remembered. As in `hosts`, `domain`
   * counts in lower case.
   *
   * To rotate without a gap: `[next, current]`, move the issuer to `next`, and after a window `[next]`.
   *
   * @throws {VerifierError} `ERR_OPTION`: the domain or a key is not usable. `ERR_MEMORY`: no room for another host. Nothing has
   *   changed then. `ERR_DISPOSED`.
   */
  setHost(domain: string, keys: HostKeys | readonly HostKeys[]): void {
    this.alive().keyring.set(domain, keys);
  }

  /**
   * Removes a host and wipes its keys. False: there was none.
   *
   * @throws {VerifierError} `ERR_OPTION`: not a domain. `ERR_DISPOSED`.
   */
  removeHost(domain: string): boolean {
    return this.alive().keyring.remove(domain);
  }

  /** The domains that have keys. @throws {VerifierError} `ERR_DISPOSED`. */
  get hosts(): readonly string[] {
    return this.alive().keyring.domains;
  }

  /** What the verifier's own memory of accepted tokens holds now. @throws {VerifierError} `ERR_DISPOSED`. */
  get replay(): ReplayState {
    return this.alive().replay;
  }

  /** Wipes keys, OTPs and accepted tokens from memory. Later calls end in `ERR_DISPOSED`. */
  dispose(): void {
    this.#engine?.wipe();
    this.#engine = undefined;
  }

  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  protected get isDisposed(): boolean {
    return this.#engine === undefined;
  }

  /** @internal */
  protected alive(): Engine {
    if (this.#engine === undefined) throw new VerifierError('ERR_DISPOSED', 'this verifier was disposed of');
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
    // Where milliseconds are no longer exact the edges are not either, and each call asks anew.
    const endMs = this.#startMs + this.#period * 1000;
    this.#endMs = Number.isSafeInteger(endMs) ? endMs : Number.NaN;
    return step;
  }
}
