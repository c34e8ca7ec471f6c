import { bswap32x4 } from './bytes';
import { schedule } from './memory';
import { smallSigma0, smallSigma1 } from './sha256x4';

/** FIPS 180-4 §4.2.2: fractional parts of the cube roots of the first 64 primes. */
// prettier-ignore
export const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 16);

/** FIPS 180-4 §5.3.3: H(0), fractional parts of the square roots of the first eight primes. */
// prettier-ignore
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
], 16);

export function initial256(state: usize): void {
  v128.store(state, v128.load(INITIAL));
  v128.store(state, v128.load(INITIAL, 16), 16);
}

// Σ1 stands on the longest chain of a round, so its rotations are side by side; Σ0 has time, and
// nested it takes a register move less for each.
@inline function bigSigma0(x: u32): u32 { return rotr(x ^ rotr(x ^ rotr(x, 9), 11), 2); }
@inline function bigSigma1(x: u32): u32 { return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25); }
@inline function ch(x: u32, y: u32, z: u32): u32 { return z ^ (x & (y ^ z)); }
@inline function maj(x: u32, y: u32, z: u32): u32 { return y ^ ((x ^ y) & (y ^ z)); }

/**
 * Words t..t+3 of the schedule from the sixteen before them, §6.2.2 step 1.
 *
 * Words t+2 and t+3 need t and t+1, so σ1 is taken in two halves.
 */
@inline function nextWords(w16: v128, w12: v128, w8: v128, w4: v128): v128 {
  const zero = i32x4.splat(0);
  const w15 = v128.shuffle<u32>(w16, w12, 1, 2, 3, 4);
  const w7 = v128.shuffle<u32>(w8, w4, 1, 2, 3, 4);
  const sum = i32x4.add(i32x4.add(w16, smallSigma0(w15)), w7);
  const low = i32x4.add(sum, smallSigma1(v128.shuffle<u32>(w4, zero, 2, 3, 4, 4)));
  return i32x4.add(low, smallSigma1(v128.shuffle<u32>(low, zero, 4, 4, 0, 1)));
}

/**
 * Folds one 64-byte block into a chaining value of eight words: FIPS 180-4 §6.2.2.
 *
 * `state` is eight words in host order, `block` is big-endian bytes as the message has them. The
 * schedule is made by four-lane arithmetic between the scalar rounds: the two use different ports
 * of the processor. No branch and no address depends on data.
 */
export function compress256(state: usize, block: usize): void {
  compressWords(
    state,
    bswap32x4(v128.load(block)), bswap32x4(v128.load(block, 16)),
    bswap32x4(v128.load(block, 32)), bswap32x4(v128.load(block, 48)),
  );
}

/** The same for a block that is already sixteen words in host order, four to a vector. */
export function compressWords(state: usize, w0: v128, w1: v128, w2: v128, w3: v128): void {
  const wk = schedule();
  v128.store(wk, i32x4.add(w0, v128.load(K)));
  v128.store(wk, i32x4.add(w1, v128.load(K, 16)), 16);
  v128.store(wk, i32x4.add(w2, v128.load(K, 32)), 32);
  v128.store(wk, i32x4.add(w3, v128.load(K, 48)), 48);
  fold(state, wk, w0, w1, w2, w3, 3, 1);
}

/** The same for a block known beforehand: `wk` holds W + K of all 64 rounds. */
export function compressKnown(state: usize, wk: usize): void {
  const none = i32x4.splat(0);
  fold(state, wk, none, none, none, none, 0, 4);
}

/**
 * The rounds, sixteen a turn: `scheduled` turns that make the words of the turn after them as they
 * go, then `plain` turns that find theirs at `wk`.
 */
function fold(
  state: usize, wk: usize, w0: v128, w1: v128, w2: v128, w3: v128, scheduled: u32, plain: u32,
): void {
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  let t: u32;

  // §6.2.2 step 3; each four rounds make the words of the four that come 16 later.
  for (let k = K + 64; scheduled; scheduled--, k += 64) {
    t = h + load<u32>(wk) + ch(e, f, g) + bigSigma1(e); d += t; h = t + maj(a, b, c) + bigSigma0(a);
    t = g + load<u32>(wk, 4) + ch(d, e, f) + bigSigma1(d); c += t; g = t + maj(h, a, b) + bigSigma0(h);
    t = f + load<u32>(wk, 8) + ch(c, d, e) + bigSigma1(c); b += t; f = t + maj(g, h, a) + bigSigma0(g);
    t = e + load<u32>(wk, 12) + ch(b, c, d) + bigSigma1(b); a += t; e = t + maj(f, g, h) + bigSigma0(f);
    w0 = nextWords(w0, w1, w2, w3); v128.store(wk, i32x4.add(w0, v128.load(k)));
    t = d + load<u32>(wk, 16) + ch(a, b, c) + bigSigma1(a); h += t; d = t + maj(e, f, g) + bigSigma0(e);
    t = c + load<u32>(wk, 20) + ch(h, a, b) + bigSigma1(h); g += t; c = t + maj(d, e, f) + bigSigma0(d);
    t = b + load<u32>(wk, 24) + ch(g, h, a) + bigSigma1(g); f += t; b = t + maj(c, d, e) + bigSigma0(c);
    t = a + load<u32>(wk, 28) + ch(f, g, h) + bigSigma1(f); e += t; a = t + maj(b, c, d) + bigSigma0(b);
    w1 = nextWords(w1, w2, w3, w0); v128.store(wk, i32x4.add(w1, v128.load(k, 16)), 16);
    t = h + load<u32>(wk, 32) + ch(e, f, g) + bigSigma1(e); d += t; h = t + maj(a, b, c) + bigSigma0(a);
    t = g + load<u32>(wk, 36) + ch(d, e, f) + bigSigma1(d); c += t; g = t + maj(h, a, b) + bigSigma0(h);
    t = f + load<u32>(wk, 40) + ch(c, d, e) + bigSigma1(c); b += t; f = t + maj(g, h, a) + bigSigma0(g);
    t = e + load<u32>(wk, 44) + ch(b, c, d) + bigSigma1(b); a += t; e = t + maj(f, g, h) + bigSigma0(f);
    w2 = nextWords(w2, w3, w0, w1); v128.store(wk, i32x4.add(w2, v128.load(k, 32)), 32);
    t = d + load<u32>(wk, 48) + ch(a, b, c) + bigSigma1(a); h += t; d = t + maj(e, f, g) + bigSigma0(e);
    t = c + load<u32>(wk, 52) + ch(h, a, b) + bigSigma1(h); g += t; c = t + maj(d, e, f) + bigSigma0(d);
    t = b + load<u32>(wk, 56) + ch(g, h, a) + bigSigma1(g); f += t; b = t + maj(c, d, e) + bigSigma0(c);
    t = a + load<u32>(wk, 60) + ch(f, g, h) + bigSigma1(f); e += t; a = t + maj(b, c, d) + bigSigma0(b);
    w3 = nextWords(w3, w0, w1, w2); v128.store(wk, i32x4.add(w3, v128.load(k, 48)), 48);
  }
  for (; plain; plain--, wk += 64) {
    t = h + load<u32>(wk) + ch(e, f, g) + bigSigma1(e); d += t; h = t + maj(a, b, c) + bigSigma0(a);
    t = g + load<u32>(wk, 4) + ch(d, e, f) + bigSigma1(d); c += t; g = t + maj(h, a, b) + bigSigma0(h);
    t = f + load<u32>(wk, 8) + ch(c, d, e) + bigSigma1(c); b += t; f = t + maj(g, h, a) + bigSigma0(g);
    t = e + load<u32>(wk, 12) + ch(b, c, d) + bigSigma1(b); a += t; e = t + maj(f, g, h) + bigSigma0(f);
    t = d + load<u32>(wk, 16) + ch(a, b, c) + bigSigma1(a); h += t; d = t + maj(e, f, g) + bigSigma0(e);
    t = c + load<u32>(wk, 20) + ch(h, a, b) + bigSigma1(h); g += t; c = t + maj(d, e, f) + bigSigma0(d);
    t = b + load<u32>(wk, 24) + ch(g, h, a) + bigSigma1(g); f += t; b = t + maj(c, d, e) + bigSigma0(c);
    t = a + load<u32>(wk, 28) + ch(f, g, h) + bigSigma1(f); e += t; a = t + maj(b, c, d) + bigSigma0(b);
    t = h + load<u32>(wk, 32) + ch(e, f, g) + bigSigma1(e); d += t; h = t + maj(a, b, c) + bigSigma0(a);
    t = g + load<u32>(wk, 36) + ch(d, e, f) + bigSigma1(d); c += t; g = t + maj(h, a, b) + bigSigma0(h);
    t = f + load<u32>(wk, 40) + ch(c, d, e) + bigSigma1(c); b += t; f = t + maj(g, h, a) + bigSigma0(g);
    t = e + load<u32>(wk, 44) + ch(b, c, d) + bigSigma1(b); a += t; e = t + maj(f, g, h) + bigSigma0(f);
    t = d + load<u32>(wk, 48) + ch(a, b, c) + bigSigma1(a); h += t; d = t + maj(e, f, g) + bigSigma0(e);
    t = c + load<u32>(wk, 52) + ch(h, a, b) + bigSigma1(h); g += t; c = t + maj(d, e, f) + bigSigma0(d);
    t = b + load<u32>(wk, 56) + ch(g, h, a) + bigSigma1(g); f += t; b = t + maj(c, d, e) + bigSigma0(c);
    t = a + load<u32>(wk, 60) + ch(f, g, h) + bigSigma1(f); e += t; a = t + maj(b, c, d) + bigSigma0(b);
  }

  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}
