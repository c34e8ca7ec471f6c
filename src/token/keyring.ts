import { described } from '../check.js';
import { optionError, VerifierError } from '../errors.js';
import { MAX_JID_PART_BYTES } from '../limits.js';
import { bytesOf, isWellFormed } from '../text/utf8.js';
import type { Core } from '../wasm/core.js';
import { isDomain } from './domain.js';
import {
  copiedKeys,
  type DecodedKeys,
  decodedKeys,
  type Hosts,
  hostField,
  wipeKeys,
} from './host-keys.js';
import type { TokenSettings } from './options.js';
import { prepared } from './request.js';

/**
 * Separators, controls, format characters, private use. Not what is unassigned: engines differ in
 * that.
 */
const UNSEEN = /[\p{Z}\p{Cc}\p{Cf}\p{Co}]/u;

/** Hosts and their keys, held inside the core's memory; only domain names stay outside. */
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
          'the same host stands twice',
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
   * Adds a host, or replaces all of its keys at once: there is no moment with neither the old nor
   * the new.
   */
  set(domain: string, keys: Hosts[string]): void {
    const name = preparedDomain(domain, this.#prepareJid);
    this.setDecoded(name, decodedKeys(domain, copiedKeys(domain, keys)));
  }

  /** To be called when the core has been wiped: from then on no key gets in. */
  close(): void {
    this.#isClosed = true;
    this.#domains.clear();
  }

  /**
   * The same with keys that were decoded before, which are wiped, and a domain in its one spelling.
   */
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

  /** Takes a host out and wipes its keys. False: there was none. */
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
 * The one spelling of a domain: prepared where the caller gave a way to, ASCII in lower case
 * always.
 *
 * @throws {VerifierError} `ERR_OPTION`: it is none.
 */
export function preparedDomain(domain: string, prepareJid: TokenSettings['prepareJid']): string {
  const field = hostField(domain);
  const bad = (fault: string) =>
    optionError(field, fault, 'write a host name such as "example.com"');
  if (typeof domain !== 'string' || !isWellFormed(domain)) throw bad('not a host name');
  // Any localpart does: only the domain is wanted.
  const jid = prepareJid === undefined ? `a@${domain}` : prepared(`a@${domain}`, prepareJid);
  if (jid !== null && typeof jid !== 'string') {
    throw optionError('prepareJid', `gave ${described(jid)}`, 'give a text or null at once');
  }
  if (jid === null) throw bad('not a host name after preparation (RFC 6122 §2.2)');
  const name = jid.slice(2).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (!isDomain(name) || bytesOf(name).length > MAX_JID_PART_BYTES) throw bad('not a host name');
  if (UNSEEN.test(name)) throw bad('an unseen character');
  return name;
}
