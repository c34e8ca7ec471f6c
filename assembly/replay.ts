import { allocForever } from './memory';

/**
 * The in-memory guard: was this MAC accepted before, at this step?
 *
 * One generation a step, in a ring of as many as the window has steps, so that two steps that are alive
 * at once never share one. A generation is a hash table of 64-byte buckets, one cache line each:
 *
 *   stamp  u64           (step + 1) << 3 | number of entries, 0 to 7
 *   tags   7 × u64       first 64 bits of the MAC of each entry
 *
 * A bucket whose stamp is of another step is empty. So forgetting a step is writing the next step's
 * number into the generation, and no memory is ever cleared or scanned. Entries are never removed; a full bucket
 * passes on to the next, and the first that is not full ends a search.
 *
 * The MAC is a keyed, uniform hash already: its first 64 bits are the tag and the next 32 pick the
 * bucket. A fresh token is taken for a replay only when 64 bits collide within a bucket; a replay is never
 * taken for fresh.
 */
export const FRESH: i32 = 0;
export const REPLAYED: i32 = 1;
export const STALE: i32 = 2;
export const FULL: i32 = 3;

const BUCKET: usize = 64;
const SLOTS: u32 = 7;
/** Bytes of table an entry: 7 slots in 64 bytes filled to 65 % keep a search at little over one bucket. */
const BYTES_AN_ENTRY: u64 = 14;

// Head of a generation:  step i64 | entries u32 | table u32
const HEAD: usize = 16;
const NEVER: i64 = -1;

let heads: usize = 0;
let count: i64 = 0;
let capacity: u32 = 0;
let buckets: u32 = 0;
/** Steps before this one are stale, whatever their generation says. */
let floor: i64 = 0;

/** Lays the tables out for `entries` accepted tokens in each of `generations` steps. False: no memory. */
export function createGuard(generations: u32, entries: u32, firstStep: i64): bool {
  count = generations;
  capacity = entries;
  floor = firstStep;
  buckets = <u32>((<u64>entries * BYTES_AN_ENTRY + BUCKET - 1) / BUCKET);
  heads = allocForever(<u64>generations * HEAD);
  if (!heads) return false;
  for (let i: u32 = 0; i < generations; i++) {
    const table = allocForever(<u64>buckets * BUCKET);
    if (!table) return false;
    const head = heads + <usize>i * HEAD;
    store<i64>(head, NEVER);
    store<u32>(head, 0, 8);
    store<u32>(head, <u32>table, 12);
  }
  return true;
}

/** A step and where its generation is: others near it are found from there without a division. */
let knownStep: i64 = 0;
let knownIndex: i64 = 0;

@inline function headOf(step: i64): usize {
  let index = knownIndex + (step - knownStep);
  if (index >= count) index -= count;
  else if (index < 0) index += count;
  if (<u64>index >= <u64>count) {
    index = step % count;
    knownStep = step;
    knownIndex = index;
  }
  return heads + <usize>index * HEAD;
}

/** Asks and remembers in one. `tag` and `pick` are the MAC's first 64 bits and the next 32. */
export function remember(step: i64, tag: u64, pick: u32): i32 {
  const head = headOf(step);
  const current = load<i64>(head);
  if (step < current || step < floor) return STALE;
  if (step > current) {
    store<i64>(head, step);
    store<u32>(head, 0, 8);
  }

  const stamp = (<u64>step + 1) << 3;
  const table = <usize>load<u32>(head, 12);
  let bucket = <usize>((<u64>pick * buckets) >> 32);
  while (true) {
    const at = table + bucket * BUCKET;
    const mark = load<u64>(at);
    const used = (mark & ~7) == stamp ? <u32>mark & 7 : 0;
    for (let i: u32 = 0; i < used; i++) {
      if (load<u64>(at + 8 + i * 8) == tag) return REPLAYED;
    }
    if (used < SLOTS) {
      const entries = load<u32>(head, 8);
      if (entries >= capacity) return FULL;
      store<u64>(at + 8 + used * 8, tag);
      store<u64>(at, stamp | (used + 1));
      store<u32>(head, entries + 1, 8);
      return FRESH;
    }
    if (++bucket == buckets) bucket = 0;
  }
}

/** Reads the bucket that a MAC would go to, so that it is near when `remember` wants it. */
@inline export function touch(step: i64, pick: u32): u64 {
  const table = <usize>load<u32>(headOf(step), 12);
  return load<u64>(table + <usize>((<u64>pick * buckets) >> 32) * BUCKET);
}

/** Step of a generation, -1 when it has not been used. */
export function generationStep(index: u32): i64 {
  return load<i64>(heads + <usize>index * HEAD);
}

export function generationEntries(index: u32): u32 {
  return load<u32>(heads + <usize>index * HEAD, 8);
}

/** Bytes of all tables together. */
export function guardBytes(): f64 {
  return <f64>count * <f64>buckets * <f64>BUCKET;
}
