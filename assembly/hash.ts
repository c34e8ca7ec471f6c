import { digest, stream } from './memory';
import { compress1, initial1 } from './sha1';
import { compress256, initial256 } from './sha256';
import { compress512, initial512 } from './sha512';

/** Which hash. The numbers are part of the ABI. */
export const SHA_1: i32 = 1;
export const SHA_256: i32 = 2;
export const SHA_512: i32 = 3;

@inline export function blockBytes(algorithm: i32): usize {
  return algorithm == SHA_512 ? 128 : 64;
}

@inline export function digestBytes(algorithm: i32): usize {
  return algorithm == SHA_1 ? 20 : algorithm == SHA_256 ? 32 : 64;
}

/** Bytes of a chaining value: that of SHA-512 is the largest, so a record holds any. */
export const STATE_BYTES: usize = 64;

export function initial(algorithm: i32, state: usize): void {
  if (algorithm == SHA_1) initial1(state);
  else if (algorithm == SHA_256) initial256(state);
  else initial512(state);
}

export function compress(algorithm: i32, state: usize, block: usize): void {
  if (algorithm == SHA_1) compress1(state, block);
  else if (algorithm == SHA_256) compress256(state, block);
  else compress512(state, block);
}

// The running hash, one at a time:  chaining value 64 | unfinished block 128 | bytes taken so far 8
const PENDING: usize = 64;
const TAKEN: usize = 192;

/**
 * Starts the running hash from a chaining value that has already taken `taken` bytes, whole blocks.
 */
export function begin(state: usize, taken: u64): void {
  memory.copy(stream(), state, STATE_BYTES);
  store<u64>(stream(), taken, TAKEN);
}

/** Takes `length` more bytes. The parts may be cut anywhere. */
export function update(algorithm: i32, data: usize, length: usize): void {
  const s = stream();
  const size = blockBytes(algorithm);
  const taken = load<u64>(s, TAKEN);
  store<u64>(s, taken + length, TAKEN);

  let held = <usize>taken & (size - 1);
  if (held) {
    const part = min(size - held, length);
    memory.copy(s + PENDING + held, data, part);
    if (held + part < size) return;
    compress(algorithm, s, s + PENDING);
    data += part;
    length -= part;
  }
  for (; length >= size; data += size, length -= size) compress(algorithm, s, data);
  memory.copy(s + PENDING, data, length);
}

/** Pads (FIPS 180-4 §5.1) and leaves the digest, big-endian, in `digest()`. */
export function finish(algorithm: i32): void {
  const s = stream();
  const size = blockBytes(algorithm);
  const taken = load<u64>(s, TAKEN);
  const held = <usize>taken & (size - 1);
  const pending = s + PENDING;

  store<u8>(pending + held, 0x80);
  memory.fill(pending + held + 1, 0, size - held - 1);
  // The length takes the last 8 bytes; SHA-512's upper 8 stay 0, as no message here reaches 2^61
  // bytes.
  if (held + 1 + (size >> 3) > size) {
    compress(algorithm, s, pending);
    memory.fill(pending, 0, size);
  }
  store<u64>(pending + size - 8, bswap(taken << 3));
  compress(algorithm, s, pending);
  writeDigest(algorithm, s, digest());
}

/**
 * Folds the rest of a message into a chaining value that has taken `taken` bytes, whole blocks:
 * FIPS 180-4 §5.1.1. The padding is written behind the text, up to 160 bytes.
 */
export function foldLast(algorithm: i32, state: usize, text: usize, length: usize, taken: u64): void {
  const size = blockBytes(algorithm);
  // One bit and the length, in 8 bytes or 16, come after the text.
  const end = text + ((length + (size >> 3) + size) & ~(size - 1));
  for (let at = text + length; at < end; at += 16) v128.store(at, i32x4.splat(0));
  store<u8>(text + length, 0x80);
  store<u64>(end - 8, bswap((taken + length) << 3));
  for (; text < end; text += size) compress(algorithm, state, text);
}

/** A chaining value as the standard writes it: big-endian words. */
export function writeDigest(algorithm: i32, state: usize, out: usize): void {
  if (algorithm == SHA_512) {
    for (let i: usize = 0; i < 64; i += 8) store<u64>(out + i, bswap(load<u64>(state + i)));
  } else {
    const bytes = digestBytes(algorithm);
    for (let i: usize = 0; i < bytes; i += 4) store<u32>(out + i, bswap(load<u32>(state + i)));
  }
}
