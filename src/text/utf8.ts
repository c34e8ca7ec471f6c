const encoder = new TextEncoder();
// `ignoreBOM` keeps a byte order mark. Otherwise two different jids could decode to the same text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Whether a text has no lone surrogate, which UTF-8 cannot encode. Older browsers have no function
 * for this.
 */
export const isWellFormed: (text: string) => boolean =
  typeof String.prototype.isWellFormed === 'function'
    ? (text) => text.isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text);

/**
 * Returns a getter that all typed arrays share. It can be called on values that are not typed
 * arrays, or that have a property of the same name.
 */
const getter = (name: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), name)
    ?.get as () => unknown;
const tagOf = getter(Symbol.toStringTag);
const bufferOf = getter('buffer') as (this: unknown) => ArrayBuffer;
const offsetOf = getter('byteOffset') as (this: unknown) => number;
/** The real length of bytes, even if they have their own property `length`. */
export const lengthOf: (this: unknown) => number = getter('length') as () => number;

/**
 * Whether a value is a Uint8Array of any realm, such as a frame, `node:vm` or a test's window.
 * `instanceof` knows only this realm, and also accepts proxies and objects that merely inherit from
 * Uint8Array.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === 'Uint8Array';
}

/**
 * Returns a view of this realm on the same bytes. Its properties and methods are the engine's own,
 * while a caller's array may override them. The view is empty if the buffer was transferred or has
 * shrunk.
 */
export function viewOf(bytes: Uint8Array): Uint8Array {
  const length = lengthOf.call(bytes);
  return length === 0
    ? new Uint8Array()
    : new Uint8Array(bufferOf.call(bytes), offsetOf.call(bytes), length);
}

/**
 * Allocates room for a key, which `fill(0)` wipes. V8 keeps the bytes of small arrays on its heap,
 * and copies them during garbage collection or when `buffer` is read. An array that is made from
 * its buffer has only one copy.
 */
export function keyRoom(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

/** Copies bytes that may be a key. Reads no property of the given array. */
export function keyCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = lengthOf.call(bytes);
  const copy = keyRoom(length);
  // Bytes of length 0 may have lost their buffer to a transfer. They cannot be copied.
  if (length > 0) copy.set(bytes);
  return copy;
}

/** Encodes a string as UTF-8. Returns bytes unchanged. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/**
 * Writes a string as UTF-8 and returns how many bytes it took. `target` must have room for all of
 * it.
 */
export function writeUtf8(text: string, target: Uint8Array): number {
  return encoder.encodeInto(text, target).written;
}

/** Decodes ASCII bytes. */
export function asciiOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Decodes UTF-8. `null` if the bytes are not valid UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
