import {
  advance, BUCKET, bucketOf, bucketsOf, claim, firstBucket, floor, generationOf, headOf, levelOf, SLOTS, STEP_BITS,
} from './generations';
import { enter, isBeyond, leave, LOCKED, write } from './locks';
import { FRESH, REPLAYED, STALE, UNAVAILABLE } from './verdict';

/**
 * The in-memory guard: was this MAC accepted before, at this step?
 *
 * Entries are never removed; a full bucket passes on to the next, and the first that is not full
 * ends a search, which goes through all levels in use.
 *
 * The MAC is a keyed, uniform hash already: its first 64 bits are the tag and the next 32 pick the
 * bucket. A fresh token is taken for a replay only when 64 bits collide within a bucket; a replay
 * is never taken for fresh.
 *
 * Stamps only ever rise, so a thread that is late with an old step finds it stale. What is full, or
 * locked by a thread that is dead, is UNAVAILABLE.
 */

/** Asks and remembers in one. `tag` and `pick` are the MAC's first 64 bits and the next 32. */
export function remember(step: i64, tag: u64, pick: u32): i32 {
  const generation = generationOf(step);
  const mark = <u64>step + 1;
  if (isBeyond(mark)) return STALE;
  if (step < floor || !advance(headOf(generation), mark)) return STALE;

  const level = levelOf(generation);
  for (let older: u32 = 0; older < level; older++) {
    if (place(generation, older, mark, tag, pick, false) == REPLAYED) return REPLAYED;
  }
  return place(generation, level, mark, tag, pick, true);
}

/** Asks without remembering. */
export function recall(step: i64, tag: u64, pick: u32): i32 {
  const generation = generationOf(step);
  const mark = <u64>step + 1;
  const current = load<u64>(headOf(generation));
  if (isBeyond(mark)) return STALE;
  if (step < floor || mark < current) return STALE;
  if (mark > current) return FRESH;
  for (let level = <i32>levelOf(generation); level >= 0; level--) {
    const answer = place(generation, level, mark, tag, pick, false);
    if (answer != FRESH) return answer;
  }
  return FRESH;
}

/** Looks for a tag in one level and, if `adds`, adds it where the search ends. */
@inline function place(generation: usize, level: u32, mark: u64, tag: u64, pick: u32, adds: bool): i32 {
  let at = bucketOf(generation, level, pick);
  const end = firstBucket(generation, level) + <usize>bucketsOf(level) * BUCKET;
  // Never more entries than places: but a search that found no end would be a hang.
  for (let left = bucketsOf(level); left; left--) {
    const stamp = enter(at);
    if (ASC_FEATURE_THREADS) {
      if (stamp & LOCKED) return UNAVAILABLE;
      if ((stamp & STEP_BITS) > mark << 4) {
        leave(at, stamp);
        return STALE;
      }
    }
    const used = (stamp & STEP_BITS) == mark << 4 ? <u32>stamp & 7 : 0;
    // All seven at once: how many there are is no use to a branch predictor.
    if (tagBits(at, tag) & ((1 << used) - 1)) {
      leave(at, stamp);
      return REPLAYED;
    }
    if (used < SLOTS) {
      if (!adds) {
        leave(at, stamp);
        return FRESH;
      }
      if (!claim(generation, mark)) {
        leave(at, stamp);
        return UNAVAILABLE;
      }
      store<u64>(at + 8 + <usize>used * 8, tag);
      write(at, (mark << 4) | (used + 1));
      return FRESH;
    }
    leave(at, stamp);
    at += BUCKET;
    if (at == end) at = firstBucket(generation, level);
  }
  return UNAVAILABLE;
}

/** Which of a bucket's seven places hold this tag, bit i for place i. */
@inline function tagBits(at: usize, tag: u64): u32 {
  const wanted = i64x2.splat(tag);
  const bits = i64x2.bitmask(i64x2.eq(v128.load(at), wanted))
    | (i64x2.bitmask(i64x2.eq(v128.load(at, 16), wanted)) << 2)
    | (i64x2.bitmask(i64x2.eq(v128.load(at, 32), wanted)) << 4)
    | (i64x2.bitmask(i64x2.eq(v128.load(at, 48), wanted)) << 6);
  // The first place is the stamp's.
  return bits >> 1;
}

/**
 * Writes the addresses of the buckets that `remember` will look at first, one of each level, a u32
 * each. Returns where they end.
 */
@inline export function listBuckets(step: i64, pick: u32, end: usize): usize {
  const generation = generationOf(step);
  for (let level = <i32>levelOf(generation); level >= 0; level--, end += 4) {
    store<u32>(end, <u32>bucketOf(generation, level, pick));
  }
  return end;
}
