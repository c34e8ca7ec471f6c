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
 * The keys as they are now, each host in one spelling: what a thread that replaces another must
 * know. They are bytes, which are wiped when a key goes, and not the texts that they came as, which
 * nobody could wipe.
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
          'the same host stands twice',
          'keep one spelling of it',
        );
      }
    }
  }

  /**
   * Sets a host's keys and returns what each thread is to be told. @throws {VerifierError}
   * `ERR_OPTION`, `ERR_MEMORY`.
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
   * Removes a host and returns what each thread is to be told. `undefined`: there was none. @throws
   * {VerifierError} `ERR_OPTION`.
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

  /** All of them, for a thread that has none yet. */
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
 * Hosts with copies of their keys in one buffer, which is handed over: the thread wipes them, and
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
