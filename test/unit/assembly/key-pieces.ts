/**
 * What of a key could be found in a memory: its bytes, and the midstates of RFC 2104, which are as
 * good as the key.
 */
import type { Algorithm, HostKeys } from '../../../src/index.js';
import { algorithmId } from '../../../src/mac/hmac.js';
import { Core } from '../../../src/wasm/core.js';
import { moduleNow } from '../../../src/wasm/module.js';
import { decodeBase32 } from '../token/reference.js';
import { contentsOf } from './memory-of.js';

/** The inner and outer chaining values of a key, from a core of the test's own. */
export function midstatesOf(algorithm: Algorithm, key: Uint8Array): Buffer[] {
  const core = new Core(moduleNow());
  core.input.set(key);
  const record = core.calls.keyCreate(algorithmId(algorithm), key.length);
  const bytes = algorithm === 'SHA-512' ? 64 : algorithm === 'SHA-256' ? 32 : 20;
  const states = Buffer.from(new Uint8Array(core.calls.memory.buffer, record, 128).slice());
  return [states.subarray(0, bytes), states.subarray(64, 64 + bytes)];
}

/**
 * Pieces of eight bytes, of a key and of what is made of it: one that was overwritten in part is
 * still found.
 */
export function piecesOf(keys: HostKeys, algorithm: Algorithm): Buffer[] {
  const seed = decodeBase32(keys.otpSeed);
  const secret = Buffer.from(keys.tokenSecret);
  const all = [seed, secret, ...midstatesOf(algorithm, seed), ...midstatesOf('SHA-256', secret)];
  return all.flatMap((bytes) =>
    Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) =>
      bytes.subarray(i * 8, i * 8 + 8),
    ),
  );
}

/** How many of them a memory holds. */
export function countIn(memory: WebAssembly.Memory, pieces: readonly Buffer[]): number {
  const contents = contentsOf(memory);
  return pieces.filter((piece) => contents.includes(piece)).length;
}
