/**
 * Four messages at once: lane i of every vector belongs to message i. The standard's letters as in
 * sha256.ts.
 */

// A rotation is two shifts, there is no instruction for it. The right shifts of a Σ or σ are
// chained and so are the left ones, ((x >> c ^ x) >> b ^ x) >> a: as many instructions as three
// rotations, but fewer values alive at a time.
@inline function right3(x: v128, first: i32, second: i32, third: i32): v128 {
  return i32x4.shr_u(v128.xor(right2(x, first, second), x), third);
}
@inline function right2(x: v128, first: i32, second: i32): v128 {
  return i32x4.shr_u(v128.xor(i32x4.shr_u(x, first), x), second);
}
@inline function left3(x: v128, first: i32, second: i32, third: i32): v128 {
  return i32x4.shl(v128.xor(left2(x, first, second), x), third);
}
@inline function left2(x: v128, first: i32, second: i32): v128 {
  return i32x4.shl(v128.xor(i32x4.shl(x, first), x), second);
}

// FIPS 180-4 §4.1.2. Right by 2, 13, 22 is left by 30, 19, 10; and so on.
@inline function bigSigma0(x: v128): v128 { return v128.xor(right3(x, 9, 11, 2), left3(x, 11, 9, 10)); }
@inline function bigSigma1(x: v128): v128 { return v128.xor(right3(x, 14, 5, 6), left3(x, 5, 14, 7)); }
@inline export function smallSigma0(x: v128): v128 { return v128.xor(right3(x, 11, 4, 3), left2(x, 11, 14)); }
@inline export function smallSigma1(x: v128): v128 { return v128.xor(right3(x, 2, 7, 10), left2(x, 2, 13)); }

/** T1 of FIPS 180-4 §6.2.2 step 3: h + Σ1(e) + Ch(e, f, g) + K + W. */
@inline function sum1(h: v128, e: v128, f: v128, g: v128, w: v128, k: v128): v128 {
  const ch = v128.xor(g, v128.and(e, v128.xor(f, g)));
  return i32x4.add(i32x4.add(i32x4.add(i32x4.add(h, w), k), ch), bigSigma1(e));
}
/** T2: Σ0(a) + Maj(a, b, c). */
@inline function sum2(a: v128, b: v128, c: v128): v128 {
  const maj = v128.xor(b, v128.and(v128.xor(a, b), v128.xor(b, c)));
  return i32x4.add(bigSigma0(a), maj);
}
/** W(t) from W(t-16), W(t-15), W(t-7) and W(t-2): §6.2.2 step 1. */
@inline function nextWord(w16: v128, w15: v128, w7: v128, w2: v128): v128 {
  return i32x4.add(i32x4.add(w16, smallSigma0(w15)), i32x4.add(w7, smallSigma1(w2)));
}

/**
 * Folds a block of each of four messages into their chaining values: FIPS 180-4 §6.2.2, four lanes
 * wide.
 *
 *   state  8 vectors   H(0)..H(7), read and overwritten
 *   w      16 vectors  the block's words in host order; on return the last sixteen of the schedule
 *   k      words       a constant a round
 *
 * `plain` turns of 16 rounds take the words as they are, then `scheduled` turns compute theirs. A
 * block is one and three. A block that is the same in all lanes and known beforehand is four plain
 * turns over zero words, with W + K in place of K: its schedule costs nothing.
 *
 * The words live in memory, not in locals: they outnumber the registers anyhow, and so their loads
 * are part of the additions. No branch and no address depends on data.
 */
export function compress4(state: usize, w: usize, k: usize, plain: u32, scheduled: u32): void {
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  let e = v128.load(state, 64);
  let f = v128.load(state, 80);
  let g = v128.load(state, 96);
  let h = v128.load(state, 112);
  let t: v128, x: v128;

  for (; plain; plain--, k += 64) {
    t = sum1(h, e, f, g, v128.load(w), v128.load32_splat(k)); d = i32x4.add(d, t); h = i32x4.add(t, sum2(a, b, c));
    t = sum1(g, d, e, f, v128.load(w, 16), v128.load32_splat(k, 4)); c = i32x4.add(c, t); g = i32x4.add(t, sum2(h, a, b));
    t = sum1(f, c, d, e, v128.load(w, 32), v128.load32_splat(k, 8)); b = i32x4.add(b, t); f = i32x4.add(t, sum2(g, h, a));
    t = sum1(e, b, c, d, v128.load(w, 48), v128.load32_splat(k, 12)); a = i32x4.add(a, t); e = i32x4.add(t, sum2(f, g, h));
    t = sum1(d, a, b, c, v128.load(w, 64), v128.load32_splat(k, 16)); h = i32x4.add(h, t); d = i32x4.add(t, sum2(e, f, g));
    t = sum1(c, h, a, b, v128.load(w, 80), v128.load32_splat(k, 20)); g = i32x4.add(g, t); c = i32x4.add(t, sum2(d, e, f));
    t = sum1(b, g, h, a, v128.load(w, 96), v128.load32_splat(k, 24)); f = i32x4.add(f, t); b = i32x4.add(t, sum2(c, d, e));
    t = sum1(a, f, g, h, v128.load(w, 112), v128.load32_splat(k, 28)); e = i32x4.add(e, t); a = i32x4.add(t, sum2(b, c, d));
    t = sum1(h, e, f, g, v128.load(w, 128), v128.load32_splat(k, 32)); d = i32x4.add(d, t); h = i32x4.add(t, sum2(a, b, c));
    t = sum1(g, d, e, f, v128.load(w, 144), v128.load32_splat(k, 36)); c = i32x4.add(c, t); g = i32x4.add(t, sum2(h, a, b));
    t = sum1(f, c, d, e, v128.load(w, 160), v128.load32_splat(k, 40)); b = i32x4.add(b, t); f = i32x4.add(t, sum2(g, h, a));
    t = sum1(e, b, c, d, v128.load(w, 176), v128.load32_splat(k, 44)); a = i32x4.add(a, t); e = i32x4.add(t, sum2(f, g, h));
    t = sum1(d, a, b, c, v128.load(w, 192), v128.load32_splat(k, 48)); h = i32x4.add(h, t); d = i32x4.add(t, sum2(e, f, g));
    t = sum1(c, h, a, b, v128.load(w, 208), v128.load32_splat(k, 52)); g = i32x4.add(g, t); c = i32x4.add(t, sum2(d, e, f));
    t = sum1(b, g, h, a, v128.load(w, 224), v128.load32_splat(k, 56)); f = i32x4.add(f, t); b = i32x4.add(t, sum2(c, d, e));
    t = sum1(a, f, g, h, v128.load(w, 240), v128.load32_splat(k, 60)); e = i32x4.add(e, t); a = i32x4.add(t, sum2(b, c, d));
  }
  for (; scheduled; scheduled--, k += 64) {
    x = nextWord(v128.load(w), v128.load(w, 16), v128.load(w, 144), v128.load(w, 224)); v128.store(w, x);
    t = sum1(h, e, f, g, x, v128.load32_splat(k)); d = i32x4.add(d, t); h = i32x4.add(t, sum2(a, b, c));
    x = nextWord(v128.load(w, 16), v128.load(w, 32), v128.load(w, 160), v128.load(w, 240)); v128.store(w, x, 16);
    t = sum1(g, d, e, f, x, v128.load32_splat(k, 4)); c = i32x4.add(c, t); g = i32x4.add(t, sum2(h, a, b));
    x = nextWord(v128.load(w, 32), v128.load(w, 48), v128.load(w, 176), v128.load(w, 0)); v128.store(w, x, 32);
    t = sum1(f, c, d, e, x, v128.load32_splat(k, 8)); b = i32x4.add(b, t); f = i32x4.add(t, sum2(g, h, a));
    x = nextWord(v128.load(w, 48), v128.load(w, 64), v128.load(w, 192), v128.load(w, 16)); v128.store(w, x, 48);
    t = sum1(e, b, c, d, x, v128.load32_splat(k, 12)); a = i32x4.add(a, t); e = i32x4.add(t, sum2(f, g, h));
    x = nextWord(v128.load(w, 64), v128.load(w, 80), v128.load(w, 208), v128.load(w, 32)); v128.store(w, x, 64);
    t = sum1(d, a, b, c, x, v128.load32_splat(k, 16)); h = i32x4.add(h, t); d = i32x4.add(t, sum2(e, f, g));
    x = nextWord(v128.load(w, 80), v128.load(w, 96), v128.load(w, 224), v128.load(w, 48)); v128.store(w, x, 80);
    t = sum1(c, h, a, b, x, v128.load32_splat(k, 20)); g = i32x4.add(g, t); c = i32x4.add(t, sum2(d, e, f));
    x = nextWord(v128.load(w, 96), v128.load(w, 112), v128.load(w, 240), v128.load(w, 64)); v128.store(w, x, 96);
    t = sum1(b, g, h, a, x, v128.load32_splat(k, 24)); f = i32x4.add(f, t); b = i32x4.add(t, sum2(c, d, e));
    x = nextWord(v128.load(w, 112), v128.load(w, 128), v128.load(w, 0), v128.load(w, 80)); v128.store(w, x, 112);
    t = sum1(a, f, g, h, x, v128.load32_splat(k, 28)); e = i32x4.add(e, t); a = i32x4.add(t, sum2(b, c, d));
    x = nextWord(v128.load(w, 128), v128.load(w, 144), v128.load(w, 16), v128.load(w, 96)); v128.store(w, x, 128);
    t = sum1(h, e, f, g, x, v128.load32_splat(k, 32)); d = i32x4.add(d, t); h = i32x4.add(t, sum2(a, b, c));
    x = nextWord(v128.load(w, 144), v128.load(w, 160), v128.load(w, 32), v128.load(w, 112)); v128.store(w, x, 144);
    t = sum1(g, d, e, f, x, v128.load32_splat(k, 36)); c = i32x4.add(c, t); g = i32x4.add(t, sum2(h, a, b));
    x = nextWord(v128.load(w, 160), v128.load(w, 176), v128.load(w, 48), v128.load(w, 128)); v128.store(w, x, 160);
    t = sum1(f, c, d, e, x, v128.load32_splat(k, 40)); b = i32x4.add(b, t); f = i32x4.add(t, sum2(g, h, a));
    x = nextWord(v128.load(w, 176), v128.load(w, 192), v128.load(w, 64), v128.load(w, 144)); v128.store(w, x, 176);
    t = sum1(e, b, c, d, x, v128.load32_splat(k, 44)); a = i32x4.add(a, t); e = i32x4.add(t, sum2(f, g, h));
    x = nextWord(v128.load(w, 192), v128.load(w, 208), v128.load(w, 80), v128.load(w, 160)); v128.store(w, x, 192);
    t = sum1(d, a, b, c, x, v128.load32_splat(k, 48)); h = i32x4.add(h, t); d = i32x4.add(t, sum2(e, f, g));
    x = nextWord(v128.load(w, 208), v128.load(w, 224), v128.load(w, 96), v128.load(w, 176)); v128.store(w, x, 208);
    t = sum1(c, h, a, b, x, v128.load32_splat(k, 52)); g = i32x4.add(g, t); c = i32x4.add(t, sum2(d, e, f));
    x = nextWord(v128.load(w, 224), v128.load(w, 240), v128.load(w, 112), v128.load(w, 192)); v128.store(w, x, 224);
    t = sum1(b, g, h, a, x, v128.load32_splat(k, 56)); f = i32x4.add(f, t); b = i32x4.add(t, sum2(c, d, e));
    x = nextWord(v128.load(w, 240), v128.load(w, 0), v128.load(w, 128), v128.load(w, 208)); v128.store(w, x, 240);
    t = sum1(a, f, g, h, x, v128.load32_splat(k, 60)); e = i32x4.add(e, t); a = i32x4.add(t, sum2(b, c, d));
  }

  v128.store(state, i32x4.add(v128.load(state), a));
  v128.store(state, i32x4.add(v128.load(state, 16), b), 16);
  v128.store(state, i32x4.add(v128.load(state, 32), c), 32);
  v128.store(state, i32x4.add(v128.load(state, 48), d), 48);
  v128.store(state, i32x4.add(v128.load(state, 64), e), 64);
  v128.store(state, i32x4.add(v128.load(state, 80), f), 80);
  v128.store(state, i32x4.add(v128.load(state, 96), g), 96);
  v128.store(state, i32x4.add(v128.load(state, 112), h), 112);
}
