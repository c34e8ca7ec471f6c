import { schedule } from './memory';

/** FIPS 180-4 §4.2.1: the constant of rounds 0-19, 20-39, 40-59 and 60-79. */
const K0: u32 = 0x5a827999;
const K1: u32 = 0x6ed9eba1;
const K2: u32 = 0x8f1bbcdc;
const K3: u32 = 0xca62c1d6;

/** FIPS 180-4 §5.3.1: H(0). */
// prettier-ignore
const INITIAL: usize = memory.data<u32>([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);

/** Of which function a phase of twenty rounds is depends on the round's number alone. */
@inline function f(phase: u32, x: u32, y: u32, z: u32): u32 {
  if (phase == 0) return z ^ (x & (y ^ z));
  if (phase == 2) return (x & y) | (z & (x | y));
  return x ^ y ^ z;
}

export function initial1(state: usize): void {
  memory.copy(state, INITIAL, 20);
}

/**
 * Folds one 64-byte block into a chaining value of five words: FIPS 180-4 §6.1.2.
 *
 * The block is big-endian bytes as the message has them. No branch and no address depends on data.
 */
export function compress1(state: usize, block: usize): void {
  const w = schedule();
  for (let t: usize = 0; t < 16; t++) store<u32>(w + t * 4, bswap(load<u32>(block + t * 4)));
  for (let t: usize = 16; t < 80; t++) {
    const at = w + t * 4;
    const mixed = load<u32>(at - 12) ^ load<u32>(at - 32) ^ load<u32>(at - 56) ^ load<u32>(at - 64);
    store<u32>(at, rotl(mixed, 1));
  }

  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  // Five rounds, after which the words have their old names again. Ch, Parity, Maj, Parity: §4.1.1.
  for (let at = w; at < w + 320; at += 20) {
    const phase = <u32>(at - w) / 80;
    const k = phase == 0 ? K0 : phase == 1 ? K1 : phase == 2 ? K2 : K3;
    e += rotl(a, 5) + f(phase, b, c, d) + k + load<u32>(at);
    b = rotl(b, 30);
    d += rotl(e, 5) + f(phase, a, b, c) + k + load<u32>(at, 4);
    a = rotl(a, 30);
    c += rotl(d, 5) + f(phase, e, a, b) + k + load<u32>(at, 8);
    e = rotl(e, 30);
    b += rotl(c, 5) + f(phase, d, e, a) + k + load<u32>(at, 12);
    d = rotl(d, 30);
    a += rotl(b, 5) + f(phase, c, d, e) + k + load<u32>(at, 16);
    c = rotl(c, 30);
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
}
