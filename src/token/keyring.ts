// For Symbol.dispose in the declaration of KeyHolder: a project need not name this library itself.
/// <reference lib="esnext.disposable" preserve="true" />
import { optionError, VerifierError } from '../errors.js';
import { type Facts, firstOf, Shown, shown } from '../text/shown.js';
import { bytesOf } from '../text/utf8.js';
import type { Core } from '../wasm/core.js';
import { preparedDomain } from './domain.js';
import {
  copiedKeys,
  type DecodedKeys,
  decodedKeys,
  type HostKeys,
  type Hosts,
  hostField,
  wipeKeys,
} from './host-keys.js';
import type { TokenSettings } from './options.js';

/**
 * The hosts and their keys. The keys are in the core's memory, and only the domain names are
 * outside. @internal
 */
export class Keyring {
  readonly #core: Core;
  readonly #prepareJid: TokenSettings['prepareJid'];
  readonly #domains = new Set<string>();
  #changes = 0;
  #isClosed = false;

  constructor(core: Core, settings: TokenSettings) {
    this.#core = core;
    this.#prepareJid = settings.prepareJid;
    for (const [domain, keys] of settings.hosts) {
      const before = this.#domains.size;
      this.set(domain, keys);
      if (this.#domains.size === before) {
        throw optionError(
          hostField(domain),
          'the same host is listed twice',
          'keep one spelling of it',
        );
      }
    }
  }

  get domains(): readonly string[] {
    return [...this.#domains];
  }

  /** Grows with each change of the keys. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * Adds a host, or replaces all of its keys at once. At any time the host has either the old or
   * the new keys.
   */
  set(domain: string, keys: Hosts[string]): void {
    const name = preparedDomain(domain, this.#prepareJid);
    this.setDecoded(name, decodedKeys(domain, copiedKeys(domain, keys)));
  }

  /** Call this when the core has been wiped: from then on it accepts no key. */
  close(): void {
    this.#isClosed = true;
    this.#domains.clear();
  }

  /** Does the same with a prepared domain and decoded keys, which it wipes. */
  setDecoded(domain: string, decoded: readonly DecodedKeys[]): void {
    if (this.#isClosed) {
      // A getter of the keys, or prepareJid, has disposed of the owner.
      wipeKeys(decoded);
      throw new VerifierError('ERR_DISPOSED', 'the keys came when their owner was disposed of');
    }
    this.#changes++;
    const name = bytesOf(domain);
    const { calls } = this.#core;
    const old = this.#find(name);
    const host = calls.hostCreate(name.length);
    const complete = host !== 0 && decoded.every((key) => this.#addKey(host, key));
    this.#core.refresh();
    wipeKeys(decoded);
    if (!complete) {
      if (host !== 0) calls.hostRemove(host);
      throw new VerifierError('ERR_MEMORY', `${hostField(domain)}: no memory for another host`);
    }
    calls.hostLink(host);
    if (old !== 0) calls.hostRemove(old);
    this.#domains.add(domain);
  }

  /** Removes a host and wipes its keys. Returns false if there was no such host. */
  remove(domain: string): boolean {
    const prepared = preparedDomain(domain, this.#prepareJid);
    this.#changes++;
    const host = this.#find(bytesOf(prepared));
    if (host !== 0) this.#core.calls.hostRemove(host);
    return this.#domains.delete(prepared);
  }

  /** Leaves the domain in the input. */
  #find(name: Uint8Array): number {
    this.#core.input.set(name);
    return this.#core.calls.hostFind(name.length);
  }

  #addKey(host: number, { seed, secret }: DecodedKeys): boolean {
    this.#core.refresh();
    this.#core.input.set(seed);
    this.#core.input.set(secret, seed.length);
    return this.#core.calls.hostAddKey(host, seed.length, secret.length) !== 0;
  }
}

/**
 * The base of verifiers and issuers. They hold keys that may change, and wipe them when they are
 * disposed of.
 */
export abstract class KeyHolder extends Shown {
  /** @throws {VerifierError} `ERR_DISPOSED`. @internal */
  protected abstract get keyring(): Keyring;

  /** @internal */
  protected abstract get isDisposed(): boolean;

  /** The name of the class, even in a minified program. */
  abstract get [Symbol.toStringTag](): string;

  /**
   * Adds a host, or replaces its keys, from the next token on. As in `hosts`, `domain` counts in
   * lower case. A verifier still remembers the tokens that it accepted.
   *
   * To rotate without a gap, give the verifier `[next, current]`, move the issuer to `next`, and
   * after a token's lifetime give the verifier `[next]`.
   *
   * @throws {VerifierError} `ERR_OPTION`: the domain or a key is not usable. `ERR_MEMORY`: there is
   *   no room for another host. After both, nothing has changed. `ERR_DISPOSED`.
   */
  setHost(domain: string, keys: HostKeys | readonly HostKeys[]): void {
    this.keyring.set(domain, keys);
  }

  /**
   * Removes a host and wipes its keys. Returns false if there was no such host.
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

  /**
   * Facts for a log: the names of the first hosts, and no key. `{ disposed: true }` after
   * `dispose`.
   */
  toJSON(): Facts {
    return this.isDisposed ? { disposed: true } : { hosts: firstOf(this.hosts) };
  }

  /** The facts as text. Node, Deno and Bun also print this text. */
  override toString(): string {
    return shown(this[Symbol.toStringTag], this.toJSON());
  }

  /** Wipes all secrets from memory. Later calls throw `ERR_DISPOSED`. */
  abstract dispose(): void;

  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
