import { createHash, createHmac as nodeHmac } from 'node:crypto';
import { type Algorithm, algorithmId, createHmac, hash, hmac } from '../../../src/mac/hmac.js';
import { Core } from '../../../src/wasm/core.js';
import { moduleNow } from '../../../src/wasm/module.js';

export const ALGORITHMS: readonly Algorithm[] = ['SHA-1', 'SHA-256', 'SHA-512'];
export const BLOCK_BYTES: Readonly<Record<Algorithm, number>> = {
  'SHA-1': 64,
  'SHA-256': 64,
  'SHA-512': 128,
};
export const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = {
  'SHA-1': 20,
  'SHA-256': 32,
  'SHA-512': 64,
};

type Hash = (algorithm: Algorithm, message: Uint8Array) => Uint8Array;
type Mac = (algorithm: Algorithm, key: Uint8Array, message: Uint8Array) => Uint8Array;

const nodeName = (algorithm: Algorithm) => algorithm.toLowerCase().replace('-', '');

/** The reference: OpenSSL by way of Node. */
export const nodeHash: Hash = (algorithm, message) =>
  new Uint8Array(createHash(nodeName(algorithm)).update(message).digest());
export const nodeMac: Mac = (algorithm, key, message) =>
  new Uint8Array(nodeHmac(nodeName(algorithm), key).update(message).digest());

/** The streaming exports of the test's own core. The test chooses where the message is cut. */
export class Stream {
  readonly #core = new Core(moduleNow());

  hash(algorithm: Algorithm, parts: readonly Uint8Array[]): Uint8Array {
    const id = algorithmId(algorithm);
    this.#core.calls.hashBegin(id);
    this.#update(id, parts);
    this.#core.calls.hashFinish(id);
    return this.#core.digest(DIGEST_BYTES[algorithm]);
  }

  mac(algorithm: Algorithm, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
    const id = algorithmId(algorithm);
    this.#core.input.set(key);
    const record = this.#core.calls.keyCreate(id, key.length);
    this.#core.refresh();
    this.#core.calls.macBegin(id, record);
    this.#update(id, parts);
    this.#core.calls.macFinish(id, record);
    this.#core.calls.keyFree(record);
    return this.#core.digest(DIGEST_BYTES[algorithm]);
  }

  #update(id: number, parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#core.input.set(part);
      this.#core.calls.hashUpdate(id, part.length);
    }
  }
}

/** A message cut after every `size` bytes. */
export function cut(message: Uint8Array, size: number): Uint8Array[] {
  const parts = [];
  for (let at = 0; at < message.length; at += size) parts.push(message.subarray(at, at + size));
  return parts;
}

const stream = new Stream();

/**
 * All implementations of the hashes. Each is given each vector, the reference included, so that a
 * wrong vector is noticed.
 */
export const HASHES: readonly { readonly name: string; readonly hash: Hash }[] = [
  { name: 'hash', hash },
  {
    name: 'the streaming exports, 1,000 bytes a part',
    hash: (algorithm, message) => stream.hash(algorithm, cut(message, 1000)),
  },
  { name: 'node:crypto', hash: nodeHash },
];

export const MACS: readonly { readonly name: string; readonly mac: Mac }[] = [
  { name: 'hmac', mac: hmac },
  {
    name: 'createHmac, its key used before',
    mac: (algorithm, key, message) => {
      using held = createHmac(algorithm, key);
      held.digest('another message, to leave traces in the working bytes');
      return held.digest(message);
    },
  },
  {
    name: 'the streaming exports, 7 bytes a part',
    mac: (algorithm, key, message) => stream.mac(algorithm, key, cut(message, 7)),
  },
  { name: 'node:crypto', mac: nodeMac },
];

export const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
export const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
