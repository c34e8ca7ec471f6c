import { optionError } from '../errors.js';
import { preparedDomain } from '../token/keyring.js';
import type { Hosts, VerifierSettings } from '../token/options.js';

/** The keys as they are now, each host in one spelling: what a thread that takes another's place must know. */
export class KnownHosts {
  readonly #prepareJid: VerifierSettings['prepareJid'];
  readonly #hosts = new Map<string, Hosts[string]>();

  /** @throws {VerifierError} `ERR_OPTION`. */
  constructor({ hosts, prepareJid }: VerifierSettings) {
    this.#prepareJid = prepareJid;
    for (const [domain, keys] of Object.entries(hosts)) {
      const name = this.nameOf(domain);
      if (this.#hosts.has(name)) {
        throw optionError(
          `hosts[${JSON.stringify(domain)}]`,
          'the same host stands twice',
          'keep one spelling of it',
        );
      }
      this.#hosts.set(name, keys);
    }
  }

  nameOf(domain: string): string {
    return preparedDomain(domain, this.#prepareJid);
  }

  /** Sets a host's keys, and returns what takes that back unless they have been changed once more. */
  set(name: string, keys: Hosts[string]): () => void {
    const before = this.#hosts.get(name);
    this.#hosts.set(name, keys);
    return () => {
      if (this.#hosts.get(name) !== keys) return;
      if (before === undefined) this.#hosts.delete(name);
      else this.#hosts.set(name, before);
    };
  }

  delete(name: string): void {
    this.#hosts.delete(name);
  }

  get all(): Hosts {
    return Object.fromEntries(this.#hosts);
  }

  clear(): void {
    this.#hosts.clear();
  }
}
