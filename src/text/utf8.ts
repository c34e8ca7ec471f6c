const encoder = new TextEncoder();
// `ignoreBOM` keeps a byte order mark: without it the bytes of one jid would be the text of
// another.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Whether a text has no lone surrogate, for which UTF-8 has no bytes. Older browsers have no
 * function for it.
 */
export const isWellFormed: (text: string) => boolean =
  typeof String.prototype.isWellFormed === 'function'
    ? (text) => text.isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text);

/** A getter of all typed arrays, to be called on what may be none, or say something else itself. */
const getter = (name: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), name)
    ?.get as () => unknown;
const tagOf = getter(Symbol.toStringTag);
const bufferOf = getter('buffer') as (this: unknown) => ArrayBuffer;
const offsetOf = getter('byteOffset') as (this: unknown) => number;
/** The length of bytes, whatever a property of that name says. */
export const lengthOf: (this: unknown) => number = getter('length') as () => number;

/**
 * Whether a value is a Uint8Array, of whatever realm: of a frame, of `node:vm`, of a test's window.
 * `instanceof` knows this realm's alone, and takes what merely inherits from it, or a proxy, for
 * one.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === 'Uint8Array';
}

/**
 * The same bytes behind a view of this realm, whose properties and methods are the engine's own. A
 * caller's array may have others. Without bytes where the buffer was transferred or has shrunk.
 */
export function viewOf(bytes: Uint8Array): Uint8Array {
  const length = lengthOf.call(bytes);
  return length === 0
    ? new Uint8Array()
    : new Uint8Array(bufferOf.call(bytes), offsetOf.call(bytes), length);
}

/**
 * Room for a key, to be wiped by `fill(0)`. V8 keeps the bytes of small arrays on its heap, where
 * they are copied when the heap is tidied or their `buffer` is asked for: of an array made over its
 * buffer there is one copy.
 */
export function keyRoom(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

/** A copy of bytes that may be a key. It looks at no property of theirs. */
export function keyCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = lengthOf.call(bytes);
  const copy = keyRoom(length);
  // Without length: perhaps bytes whose buffer was transferred, which cannot be copied.
  if (length > 0) copy.set(bytes);
  return copy;
}

/** UTF-8 of a string, or the bytes as they are. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/**
 * Writes a string as UTF-8 and returns how many bytes that took; `target` has room for all of it.
 */
export function writeUtf8(text: string, target: Uint8Array): number {
  return encoder.encodeInto(text, target).written;
}

/** The text of bytes that are ASCII. */
export function asciiOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The text of valid UTF-8; `null` for bytes that are not. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
