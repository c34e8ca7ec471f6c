// For Symbol.dispose in the declaration of the class: a project need not name this library itself.
/// <reference lib="esnext.disposable" preserve="true" />
import { VerifierError } from '../errors.js';
import { asciiOf, bytesOf, isBytes, keyCopy, viewOf } from '../text/utf8.js';
import { type Core, sharedCore } from '../wasm/core.js';

/** A hash of FIPS 180-4, by the names that WebCrypto uses. */
export type Algorithm = 'SHA-1' | 'SHA-256' | 'SHA-512';

/**
 * A hash as callers may write it. Key URIs say `SHA1`, Node and most libraries `sha1`, Java
 * `HmacSHA1`. A JavaScript caller may write any other case too.
 */
export type AlgorithmName =
  | Algorithm
  | 'SHA1'
  | 'SHA256'
  | 'SHA512'
  | 'sha1'
  | 'sha256'
  | 'sha512'
  | 'HmacSHA1'
  | 'HmacSHA256'
  | 'HmacSHA512';

/** Number in the core's ABI and bytes of the digest. */
const ALGORITHMS: Readonly<Record<Algorithm, { readonly id: number; readonly bytes: number }>> = {
  'SHA-1': { id: 1, bytes: 20 },
  'SHA-256': { id: 2, bytes: 32 },
  'SHA-512': { id: 3, bytes: 64 },
};

/** The longest name that is looked at. A longer text may be a key in the wrong place. */
const MAX_NAME_CHARS = 16;

/**
 * Finds a hash by any spelling of its name: `SHA-256`, `sha256`, `HmacSHA256`, `HMAC-SHA256`. Does
 * not use a regular expression, because `RegExp.$_` would keep a key that was passed by mistake.
 */
export function algorithmNamed(name: unknown): Algorithm | undefined {
  if (typeof name !== 'string' || name.length > MAX_NAME_CHARS) return undefined;
  const plain = name.toUpperCase().replace('HMAC-', 'HMAC');
  return (Object.keys(ALGORITHMS) as Algorithm[]).find((algorithm) =>
    [algorithm, algorithm.replace('-', '')].some((sha) => plain === sha || plain === `HMAC${sha}`),
  );
}

/** The core's number for a hash. */
export function algorithmId(algorithm: Algorithm): number {
  return ALGORITHMS[algorithm].id;
}

function lookUp(name: AlgorithmName): { readonly id: number; readonly bytes: number } {
  const algorithm = algorithmNamed(name);
  if (algorithm === undefined) {
    // The text is not shown. If the arguments are in the wrong order, it is the key.
    const given = `another value of type ${typeof name}`;
    throw new TypeError(`algorithm must be 'SHA-1', 'SHA-256' or 'SHA-512': got ${given}`);
  }
  return ALGORITHMS[algorithm];
}

/**
 * Returns a string or bytes as bytes. The error for any other value names the argument and does not
 * show it.
 */
function checkedBytes(value: string | Uint8Array, name: string): Uint8Array {
  if (typeof value === 'string') return bytesOf(value);
  if (isBytes(value)) return viewOf(value);
  throw notBytes(value, name);
}

/** Copies the bytes of a key, so that they can be wiped. */
function checkedKey(key: string | Uint8Array): Uint8Array {
  if (typeof key === 'string') return bytesOf(key);
  if (isBytes(key)) return keyCopy(key);
  throw notBytes(key, 'key');
}

function notBytes(value: unknown, name: string): TypeError {
  const type = value === null ? 'null' : typeof value;
  return new TypeError(`${name} must be a string or a Uint8Array: got ${type}`);
}

/** Feeds data to the running hash or MAC, in parts that fit into the core's input. */
function feed(core: Core, id: number, data: Uint8Array): void {
  const size = core.input.length;
  for (let at = 0; at < data.length; at += size) {
    const part = data.subarray(at, at + size);
    core.input.set(part);
    core.calls.hashUpdate(id, part.length);
  }
}

/** The digest of a message of any length: FIPS 180-4 §6. */
export function hash(
  algorithm: AlgorithmName,
  message: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { id, bytes } = lookUp(algorithm);
  const core = sharedCore();
  core.calls.hashBegin(id);
  feed(core, id, checkedBytes(message, 'message'));
  core.calls.hashFinish(id);
  return core.digest(bytes);
}

/**
 * Frees the record of a key when its owner was garbage-collected without being disposed of. Not
 * every workerd has a FinalizationRegistry.
 */
const abandoned =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry((record: number) => sharedCore().calls.keyFree(record));

/**
 * HMAC (RFC 2104) with a prepared key. The blocks that depend only on the key are computed once, so
 * a short message costs two compressions instead of four. Made by `createHmac`.
 */
export class Hmac {
  readonly #core = sharedCore();
  readonly #id: number;
  readonly #bytes: number;
  #record: number;

  /** @internal */
  constructor(algorithm: AlgorithmName, key: string | Uint8Array) {
    const { id, bytes } = lookUp(algorithm);
    let keyBytes = checkedKey(key);
    // RFC 2104 §2: a key longer than a block is replaced by its digest. A key that does not fit
    // into the core's input is hashed here.
    if (keyBytes.length > this.#core.input.length) {
      const digest = hash(algorithm, keyBytes);
      keyBytes.fill(0);
      keyBytes = digest;
      this.#core.input.fill(0);
    }
    this.#id = id;
    this.#bytes = bytes;
    this.#core.input.set(keyBytes);
    this.#record = this.#core.calls.keyCreate(id, keyBytes.length);
    keyBytes.fill(0);
    this.#core.refresh();
    if (this.#record === 0) throw new VerifierError('ERR_MEMORY', 'no memory for another HMAC key');
    abandoned?.register(this, this.#record, this);
  }

  /**
   * The MAC of one message: a new array of 20, 32 or 64 bytes.
   *
   * @throws {TypeError} The message is neither a string, which is encoded as UTF-8, nor bytes.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  digest(message: string | Uint8Array): Uint8Array<ArrayBuffer> {
    const record = this.#alive();
    const { calls, input } = this.#core;
    const data = checkedBytes(message, 'message');
    if (data.length <= input.length) {
      input.set(data);
      calls.mac(this.#id, record, data.length);
    } else {
      calls.macBegin(this.#id, record);
      feed(this.#core, this.#id, data);
      calls.macFinish(this.#id, record);
    }
    return this.#core.digest(this.#bytes);
  }

  /**
   * The HOTP value of a counter under this key, `digits` ASCII digits: RFC 4226 §5.3. The callers
   * in otp/ check the arguments.
   *
   * @internal
   */
  code(counter: number | bigint, digits: number): string {
    const value = BigInt(counter);
    this.#core.calls.hotpCode(
      this.#id,
      this.#alive(),
      Number(value >> 32n),
      Number(value & 0xffff_ffffn),
      digits,
    );
    return asciiOf(this.#core.input.subarray(0, digits));
  }

  #alive(): number {
    if (this.#record === 0)
      throw new VerifierError('ERR_DISPOSED', 'this HMAC key was disposed of');
    return this.#record;
  }

  /** Wipes the key from memory. Later calls throw `ERR_DISPOSED`. */
  dispose(): void {
    if (this.#record === 0) return;
    abandoned?.unregister(this);
    this.#core.calls.keyFree(this.#record);
    this.#record = 0;
  }

  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Prepares a key for many MACs.
 *
 * @param algorithm - `'SHA-1'`, `'SHA-256'` or `'SHA-512'`, or another spelling of them.
 * @param key - Of any length, even empty. A string is encoded as UTF-8.
 * @throws {TypeError} Wrong types.
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`; `ERR_MEMORY`.
 *
 * @example
 * const mac = createHmac('SHA-256', 'secret');
 * mac.digest('first');
 * mac.digest('second');
 * mac.dispose();
 */
export function createHmac(algorithm: AlgorithmName, key: string | Uint8Array): Hmac {
  return new Hmac(algorithm, key);
}

/**
 * Computes one MAC: RFC 2104. The parameters are those of `createHmac`. Its copy of the key is
 * wiped before it returns.
 *
 * @throws {TypeError} Wrong types.
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`; `ERR_MEMORY`.
 */
export function hmac(
  algorithm: AlgorithmName,
  key: string | Uint8Array,
  message: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const mac = createHmac(algorithm, key);
  try {
    return mac.digest(message);
  } finally {
    mac.dispose();
  }
}

/**
 * HMAC-SHA-256 of one message: RFC 2104 over FIPS 180-4 §6.2. Returns 32 bytes.
 *
 * @throws {TypeError} Wrong types.
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`; `ERR_MEMORY`.
 *
 * @example
 * hmacSha256('key', 'message'); // Uint8Array(32)
 */
export function hmacSha256(
  key: string | Uint8Array,
  message: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  return hmac('SHA-256', key, message);
}
