import { begin, blockBytes, compress, digestBytes, finish, foldLast, initial, STATE_BYTES, update, writeDigest } from './hash';
import { block, digest, state, wipeHashing } from './memory';

/**
 * RFC 2104 over midstates. A key record is
 *
 *   inner  64 bytes   the hash's chaining value after the block  K ⊕ ipad
 *   outer  64 bytes   the same after  K ⊕ opad
 *
 * Both are computed once a key, so a MAC costs the blocks of the message and one more.
 */
export const KEY_BYTES: usize = 2 * STATE_BYTES;
export const OUTER: usize = STATE_BYTES;

/**
 * Prepares a key of any length and leaves no other trace of it. One longer than a block is hashed
 * first: RFC 2104 §2.
 */
export function setKey(algorithm: i32, record: usize, key: usize, length: usize): void {
  const size = blockBytes(algorithm);
  const padded = block();
  memory.fill(padded, 0, size);
  if (length > size) {
    initial(algorithm, state());
    begin(state(), 0);
    update(algorithm, key, length);
    finish(algorithm);
    memory.copy(padded, digest(), digestBytes(algorithm));
  } else {
    memory.copy(padded, key, length);
  }
  absorb(algorithm, record, padded, size, 0x3636363636363636);
  absorb(algorithm, record + OUTER, padded, size, 0x3636363636363636 ^ 0x5c5c5c5c5c5c5c5c);
  wipeHashing();
}

/** XORs the pad into the key, in place, and folds it into a fresh chaining value. */
function absorb(algorithm: i32, record: usize, padded: usize, size: usize, pad: u64): void {
  for (let i: usize = 0; i < size; i += 8) store<u64>(padded + i, load<u64>(padded + i) ^ pad);
  initial(algorithm, record);
  compress(algorithm, record, padded);
}

/** Starts a MAC. Its message follows by `update`. */
export function hmacBegin(algorithm: i32, record: usize): void {
  begin(record, blockBytes(algorithm));
}

/** Ends it: the MAC is in `digest()`. */
export function hmacFinish(algorithm: i32, record: usize): void {
  finish(algorithm);
  const bytes = digestBytes(algorithm);
  memory.copy(block(), digest(), bytes);
  begin(record + OUTER, blockBytes(algorithm));
  update(algorithm, block(), bytes);
  finish(algorithm);
}

/**
 * The MAC of one message in memory, into `digest()`. Overwrites up to 160 bytes behind the message.
 */
export function hmac(algorithm: i32, record: usize, data: usize, length: usize): void {
  const size = blockBytes(algorithm);
  copyState(state(), record);
  foldLast(algorithm, state(), data, length, size);
  writeDigest(algorithm, state(), block());
  copyState(state(), record + OUTER);
  foldLast(algorithm, state(), block(), digestBytes(algorithm), size);
  writeDigest(algorithm, state(), digest());
}

@inline function copyState(to: usize, from: usize): void {
  for (let i: usize = 0; i < STATE_BYTES; i += 16) v128.store(to + i, v128.load(from + i));
}
