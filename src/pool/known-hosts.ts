import { optionError, VerifierError } from '../errors.js';
import { preparedDomain } from '../token/domain.js';
import {
  copiedKeys,
  type DecodedKeys,
  decodedKeys,
  hostField,
  wipeKeys,
} from '../token/host-keys.js';
import type { Hosts, VerifierSettings } from '../token/options.js';
import type { Handed, HostEntry } from './messages.js';

/**
 * The present keys of all hosts, by prepared name. A thread that replaces another gets them. They
 * are kept as bytes, which are wiped when a key is removed. Texts could not be wiped.
 */
export class KnownHosts {
  readonly #prepareJid: VerifierSettings['prepareJid'];
  readonly #hosts = new Map<string, readonly DecodedKeys[]>();
  readonly #maxKeys: number;
  #keys = 0;

  /** @throws {VerifierError} `ERR_OPTION`, `ERR_MEMORY`. */
  constructor({ hosts, prepareJid }: VerifierSettings, maxKeys: number) {
    this.#prepareJid = prepareJid;
    this.#maxKeys = maxKeys;
    for (const [domain, keys] of hosts) {
      const before = this.#hosts.size;
      this.set(domain, keys);
      if (this.#hosts.size === before) {
        throw optionError(
          hostField(domain),
          'the same host is listed twice',
          'keep one spelling of it',
        );
      }
    }
  }

  /**
   * Sets a host's keys.
   *
   * @returns A function that makes the message for each thread.
   * @throws {VerifierError} `ERR_OPTION`, `ERR_MEMORY`.
   */
  set(domain: string, keys: Hosts[string]): () => Handed {
    const name = this.#nameOf(domain);
    const decoded = decodedKeys(domain, copiedKeys(domain, keys));
    const old = this.#hosts.get(name) ?? [];
    const count = this.#keys - old.length + decoded.length;
    if (count > this.#maxKeys) {
      wipeKeys(decoded);
      throw new VerifierError(
        'ERR_MEMORY',
        `${hostField(domain)}: this pool has room for ${this.#maxKeys} keys; make it with a larger maxKeys`,
      );
    }
    this.#hosts.set(name, decoded);
    this.#keys = count;
    wipeKeys(old);
    return () => handed([{ domain: name, keys: decoded }]);
  }

  /**
   * Removes a host.
   *
   * @returns A function that makes the message for each thread. Undefined if there was no such
   * host.
   * @throws {VerifierError} `ERR_OPTION`.
   */
  remove(domain: string): (() => Handed) | undefined {
    const name = this.#nameOf(domain);
    const old = this.#hosts.get(name);
    if (old === undefined) return undefined;
    this.#hosts.delete(name);
    this.#keys -= old.length;
    wipeKeys(old);
    return () => handed([{ domain: name, keys: [] }]);
  }

  /** All keys, for a new thread. */
  all(): Handed {
    return handed(Array.from(this.#hosts, ([domain, keys]) => ({ domain, keys })));
  }

  get domains(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  clear(): void {
    for (const keys of this.#hosts.values()) wipeKeys(keys);
    this.#hosts.clear();
    this.#keys = 0;
  }

  #nameOf(domain: string): string {
    return preparedDomain(domain, this.#prepareJid);
  }
}

/**
 * Copies keys of hosts into one buffer, which is transferred to a thread. The thread wipes it, and
 * no other copy is left.
 */
function handed(hosts: readonly HostEntry[]): Handed {
  const lists = hosts.flatMap(({ keys }) => keys.flatMap(({ seed, secret }) => [seed, secret]));
  const buffer = new ArrayBuffer(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  const copy = (bytes: Uint8Array): Uint8Array => {
    const target = new Uint8Array(buffer, at, bytes.length);
    target.set(bytes);
    at += bytes.length;
    return target;
  };
  const copies = hosts.map(({ domain, keys }) => ({
    domain,
    keys: keys.map(({ seed, secret }) => ({ seed: copy(seed), secret: copy(secret) })),
  }));
  return { task: { kind: 'keys', hosts: copies }, transfer: [buffer] };
}
