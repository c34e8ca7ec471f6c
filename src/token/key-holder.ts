// For Symbol.dispose in the declaration of the class: a project need not name this library itself.
/// <reference lib="esnext.disposable" preserve="true" />
import type { HostKeys } from './host-keys.js';
import type { Keyring } from './keyring.js';

/** Verifiers and issuers hold keys that may change, and wipe them at their end. */
export abstract class KeyHolder {
  /** @throws {VerifierError} `ERR_DISPOSED`. @internal */
  protected abstract get keyring(): Keyring;

  /**
   * Adds a host, or replaces its keys, from the next token on. As in `hosts`, `domain` counts in
   * lower case. A verifier keeps the accepted tokens in memory.
   *
   * To rotate without a gap: give the verifier `[next, current]`, move the issuer to `next`, and
   * after a window give the verifier `[next]`.
   *
   * @throws {VerifierError} `ERR_OPTION`: the domain or a key is not usable. `ERR_MEMORY`: no room
   *   for another host. Nothing has changed then. `ERR_DISPOSED`.
   */
  setHost(domain: string, keys: HostKeys | readonly HostKeys[]): void {
    this.keyring.set(domain, keys);
  }

  /**
   * Removes a host and wipes its keys. False: there was none.
   *
   * @throws {VerifierError} `ERR_OPTION`: not a domain. `ERR_DISPOSED`.
   */
  removeHost(domain: string): boolean {
    return this.keyring.remove(domain);
  }

  /** The domains that have keys. @throws {VerifierError} `ERR_DISPOSED`. */
  get hosts(): readonly string[] {
    return this.keyring.domains;
  }

  /** Wipes all secrets from memory. Later calls end in `ERR_DISPOSED`. */
  abstract dispose(): void;

  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
