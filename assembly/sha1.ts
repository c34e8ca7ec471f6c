import { schedule } from './memory';

/** FIPS 180-4 §4.2.1: the constant of rounds 0-19, 20-39, 40-59 and 60-79. */
const K0: u32 = 0x5a827999;
const K1: u32 = 0x6ed9eba1;
const K2: u32 = 0x8f1bbcdc;
const K3: u32 = 0xca62c1d6;

/** FIPS 180-4 §5.3.1: H(0). */
// prettier-ignore
const INITIAL: usize = memory.data<u32>([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);

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
  for (let t: usize = 0; t < 80; t++) {
    // Ch, Parity, Maj, Parity: §4.1.1. The branch is on the round's number alone.
    let f: u32, k: u32;
    if (t < 20) { f = d ^ (b & (c ^ d)); k = K0; }
    else if (t < 40) { f = b ^ c ^ d; k = K1; }
    else if (t < 60) { f = (b & c) | (d & (b | c)); k = K2; }
    else { f = b ^ c ^ d; k = K3; }
    const next = rotl(a, 5) + f + e + k + load<u32>(w + t * 4);
    e = d;
    d = c;
    c = rotl(b, 30);
    b = a;
    a = next;
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
}
