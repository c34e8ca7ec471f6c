import { allocGuard, HOLDING, holding, quotas } from './memory';

/**
 * The in-memory guard: was this MAC accepted before, at this step?
 *
 * One generation a step, in a ring of as many as the window has steps, so that two steps that are
 * alive at once never share one. A generation is some hash tables, its levels, each sixteen times
 * as large as the one before. Entries go into the first level until it has its share, then into the
 * next, so that a step of few tokens stays within the processor's caches; a search goes through all
 * levels in use. A level is made of 64-byte buckets, one cache line each:
 *
 *   stamp  u64       (step + 1) << 4 | lock << 3 | number of entries, 0 to 7
 *   tags   7 × u64   first 64 bits of the MAC of each entry
 *
 * A bucket whose stamp is of an earlier step is empty. So forgetting a step is writing the next
 * step's number into the generation, and no memory is ever cleared or scanned. Entries are never
 * removed; a full bucket passes on to the next, and the first that is not full ends a search.
 *
 * The MAC is a keyed, uniform hash already: its first 64 bits are the tag and the next 32 pick the
 * bucket. A fresh token is taken for a replay only when 64 bits collide within a bucket; a replay
 * is never taken for fresh.
 *
 * In the build for threads (ASC_FEATURE_THREADS) the tables are shared, and a generation is one
 * level: whoever looks into a bucket holds its lock, so asking and remembering are one. Stamps only
 * ever rise, so a thread that is late with an old step finds it stale. A lock that is not opened
 * for half a second is given up as its dead holder's, and its bucket answers FULL: fail closed.
 * Should the holder live after all, it opens the bucket as if nothing had been; if it is gone for
 * sure, `openAfter` does.
 */
export const FRESH: i32 = 0;
export const REPLAYED: i32 = 1;
export const STALE: i32 = 2;
export const FULL: i32 = 3;

const BUCKET: usize = 64;
const SLOTS: u32 = 7;
const LOCKED: u64 = 8;
/** The part of a stamp that tells the step. */
const STEP_BITS: u64 = ~15;
/**
 * Beside LOCKED, in bits that no step of a shared guard reaches: the number of the thread that
 * holds the lock, 0 to 63.
 */
const HOLDER_SHIFT: u64 = 57;
const HOLDER: u64 = 63 << HOLDER_SHIFT;
/** The lock's holder counts as dead. */
const ABANDONED: u64 = 1 << 63;
/**
 * Steps of a shared guard, whose marks end below HOLDER: all that a number can hold exactly but
 * one.
 */
const MARKS: u64 = 1 << 53;
/**
 * Looks at a lock before its holder counts as one that the system has put to sleep: it holds it for
 * some dozens of instructions.
 */
const SPINS: u32 = 1000;
/** Naps until its holder counts as dead, and the nanoseconds of each. */
const NAPS: u32 = 500;
const NAP: i64 = 1_000_000;
/**
 * Bytes of table an entry: 7 slots in 64 bytes filled to 65 % keep a search at little over one
 * bucket.
 */
const BYTES_AN_ENTRY: u64 = 14;

// Head of a generation, a cache line:  step + 1, u64 | entries u32 | level in use u32 | deepest
// level ever u32  in a guard of one thread, or  step + 1, u64 | (step + 1) << 32 | entries,  u64,
// the low half of the step, in a shared one
const HEAD: usize = 64;
const ENTRIES: usize = 8;
const LEVEL: usize = 12;
const DEEPEST: usize = 16;
/** Buckets of the first level, and how many times as large the next one is. */
const FIRST_LEVEL: u64 = 1024;
const GROWTH: u64 = 16;
/**
 * Before the generations' heads, for each level:  its first bucket u32 | its buckets u32 | entries
 * up to its end u32.
 */
const LEVELS: usize = 128;
const LEVEL_SIZE: u32 = 16;
/** Entries that a thread of a shared guard takes room for at a time. */
const QUOTA: u32 = 256;

let levels: usize = 0;
let heads: usize = 0;
let tables: usize = 0;
let count: i64 = 0;
let capacity: u32 = 0;
/** Of one generation, all levels together. */
let buckets: u32 = 0;
let lastLevel: u32 = 0;
/** Steps before this one are stale, whatever their generation says. */
let floor: i64 = 0;
/** What this thread adds to a stamp that it locks. */
let locked: u64 = LOCKED;

@inline function bucketsFor(entries: u32): u64 {
  return (<u64>entries * BYTES_AN_ENTRY + BUCKET - 1) / BUCKET;
}

/** Bytes of a guard. They are zero to begin with. */
export function guardSize(generations: u32, entries: u32): u64 {
  return LEVELS + <u64>generations * (HEAD + bucketsFor(entries) * BUCKET);
}

/**
 * Lays a guard out in memory of its own, for `entries` tokens in each of `generations` steps.
 * False: no memory.
 */
export function createGuard(generations: u32, entries: u32, firstStep: i64): bool {
  const at = allocGuard(guardSize(generations, entries));
  if (!at) return false;
  useGuard(at, generations, entries, firstStep);
  return true;
}

/** Takes the guard that is at `at`, where others may use it too. */
export function useGuard(at: usize, generations: u32, entries: u32, firstStep: i64): void {
  count = generations;
  capacity = entries;
  floor = firstStep;
  buckets = <u32>bucketsFor(entries);
  levels = at;
  heads = at + LEVELS;
  tables = heads + <usize>generations * HEAD;
  if (!ASC_FEATURE_THREADS) layLevels();
}

/** Makes this instance the thread of that number. */
export function setThread(thread: u32): void {
  locked = LOCKED | (<u64>thread << HOLDER_SHIFT);
}

/**
 * Opens the bucket that a thread had locked when it ended, as if it had never looked into it. What
 * it was about to add is not there: the stamp is written last. Only for a thread that surely runs
 * no more. False: it had none locked.
 */
export function openAfter(thread: u32, region: usize): bool {
  const at = <usize>load<u32>(region + HOLDING);
  if (!at) return false;
  const stamp = atomic.load<u64>(at);
  // It may have ended before it had the lock, which is another's then.
  if ((stamp & (LOCKED | HOLDER)) != (LOCKED | (<u64>thread << HOLDER_SHIFT))) return false;
  atomic.and<u64>(at, ~(LOCKED | HOLDER | ABANDONED));
  return true;
}

/**
 * Divides the buckets of a generation into levels. The last takes what would be no level of its
 * own.
 */
function layLevels(): void {
  let first: u64 = 0;
  let size = FIRST_LEVEL;
  for (lastLevel = 0; first + size * (1 + GROWTH) <= buckets; lastLevel++) {
    setLevel(first, size, ((first + size) * BUCKET) / BYTES_AN_ENTRY);
    first += size;
    size *= GROWTH;
  }
  setLevel(first, buckets - first, capacity);
}

function setLevel(first: u64, size: u64, end: u64): void {
  const level = levels + lastLevel * LEVEL_SIZE;
  store<u32>(level, <u32>first);
  store<u32>(level, <u32>size, 4);
  store<u32>(level, <u32>end, 8);
}

/** A step and where its generation is: others near it are found from there without a division. */
let knownStep: i64 = 0;
let knownIndex: i64 = 0;

@inline function generationOf(step: i64): usize {
  let index = knownIndex + (step - knownStep);
  if (index >= count) index -= count;
  else if (index < 0) index += count;
  if (<u64>index >= <u64>count) {
    index = step % count;
    knownStep = step;
    knownIndex = index;
  }
  return <usize>index;
}

@inline function firstBucket(generation: usize, level: u32): usize {
  const before = ASC_FEATURE_THREADS ? 0 : load<u32>(levels + level * LEVEL_SIZE);
  return tables + (generation * buckets + before) * BUCKET;
}

@inline function bucketsOf(level: u32): u32 {
  return ASC_FEATURE_THREADS ? buckets : load<u32>(levels + level * LEVEL_SIZE, 4);
}

@inline function bucketOf(generation: usize, level: u32, pick: u32): usize {
  return firstBucket(generation, level) + <usize>((<u64>pick * bucketsOf(level)) >> 32) * BUCKET;
}

@inline function levelOf(generation: usize): u32 {
  return ASC_FEATURE_THREADS ? 0 : load<u32>(heads + generation * HEAD, LEVEL);
}

/** A mark that would reach the bits of a lock's holder. */
@inline function isBeyond(mark: u64): bool {
  return ASC_FEATURE_THREADS && mark >= MARKS;
}

/** Asks and remembers in one. `tag` and `pick` are the MAC's first 64 bits and the next 32. */
export function remember(step: i64, tag: u64, pick: u32): i32 {
  const generation = generationOf(step);
  const mark = <u64>step + 1;
  if (isBeyond(mark)) return STALE;
  if (step < floor || !advance(heads + generation * HEAD, mark)) return STALE;

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
  const current = load<u64>(heads + generation * HEAD);
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
      if (stamp & LOCKED) return FULL;
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
        return FULL;
      }
      store<u64>(at + 8 + <usize>used * 8, tag);
      write(at, (mark << 4) | (used + 1));
      return FRESH;
    }
    leave(at, stamp);
    at += BUCKET;
    if (at == end) at = firstBucket(generation, level);
  }
  return FULL;
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

/** Moves a generation on to a step. False: it is at a later one. */
@inline function advance(head: usize, mark: u64): bool {
  if (!ASC_FEATURE_THREADS) {
    const current = load<u64>(head);
    if (mark > current) {
      store<u64>(head, mark);
      store<u32>(head, 0, ENTRIES);
      store<u32>(head, 0, LEVEL);
    }
    return mark >= current;
  }
  let current = atomic.load<u64>(head);
  while (mark > current) {
    const seen = atomic.cmpxchg<u64>(head, current, mark);
    if (seen == current) return true;
    current = seen;
  }
  return mark == current;
}

/** Takes a bucket's lock and gives its stamp, one that is LOCKED when the lock is not to be had. */
@inline function enter(at: usize): u64 {
  if (!ASC_FEATURE_THREADS) return load<u64>(at);
  // Before it is locked: whatever moment a thread ends at, `openAfter` knows where to look.
  store<u32>(holding(), <u32>at);
  let tries: u32 = 0;
  while (true) {
    const stamp = atomic.load<u64>(at);
    if (!(stamp & LOCKED)) {
      if (atomic.cmpxchg<u64>(at, stamp, stamp | locked) == stamp) return stamp;
    } else if (stamp & ABANDONED || tries >= SPINS + NAPS) {
      atomic.cmpxchg<u64>(at, stamp, stamp | ABANDONED);
      return stamp;
    } else if (tries >= SPINS) {
      atomic.wait<i32>(at, <i32>stamp, NAP);
    }
    tries++;
  }
}

/** Opens the lock of a bucket that has not been changed. */
@inline function leave(at: usize, stamp: u64): void {
  if (ASC_FEATURE_THREADS) atomic.store<u64>(at, stamp);
}

/** Writes a bucket's stamp, and so opens its lock. */
@inline function write(at: usize, stamp: u64): void {
  if (ASC_FEATURE_THREADS) atomic.store<u64>(at, stamp);
  else store<u64>(at, stamp);
}

/** Takes room for one entry more. False: the generation is full. */
@inline function claim(generation: usize, mark: u64): bool {
  const head = heads + generation * HEAD;
  if (ASC_FEATURE_THREADS) return claimShared(generation, head + ENTRIES, mark);
  const used = load<u32>(head, ENTRIES) + 1;
  if (used > capacity) return false;
  store<u32>(head, used, ENTRIES);
  const level = load<u32>(head, LEVEL);
  // The next entry goes to the next level.
  if (used == load<u32>(levels + level * LEVEL_SIZE, 8) && level < lastLevel) {
    store<u32>(head, level + 1, LEVEL);
    store<u32>(head, max(level + 1, load<u32>(head, DEEPEST)), DEEPEST);
  }
  return true;
}

/**
 * Wipes what a guard of one thread has written. Buckets are only read where they are empty, and
 * levels never used not even that: memory that the system has not backed stays so.
 */
export function wipeGuard(): void {
  // That of other threads too.
  if (ASC_FEATURE_THREADS || !heads) return;
  for (let generation: usize = 0; generation < <usize>count; generation++) {
    const head = heads + generation * HEAD;
    if (!load<u64>(head)) continue;
    for (let level: u32 = 0; level <= load<u32>(head, DEEPEST); level++) wipeLevel(generation, level);
  }
  memory.fill(levels, 0, tables - levels);
}

function wipeLevel(generation: usize, level: u32): void {
  let at = firstBucket(generation, level);
  const end = at + <usize>bucketsOf(level) * BUCKET;
  for (; at < end; at += BUCKET) {
    if (load<u64>(at)) memory.fill(at, 0, BUCKET);
  }
}

/**
 * Threads take room some entries at a time, so that they do not contend for one counter. What one
 * of them has left over no other can use: a shared guard may be full by up to QUOTA entries a
 * thread less than its capacity.
 */
function claimShared(generation: usize, entries: usize, mark: u64): bool {
  const quota = quotas() + generation * 16;
  let left = load<u64>(quota) == mark ? load<u32>(quota, 8) : 0;
  if (!left) {
    left = takeQuota(entries, mark);
    if (!left) return false;
    store<u64>(quota, mark);
  }
  store<u32>(quota, left - 1, 8);
  return true;
}

function takeQuota(entries: usize, mark: u64): u32 {
  let current = atomic.load<u64>(entries);
  while (true) {
    // The low halves of two steps: a later one has taken the generation over while this thread
    // slept.
    if (current && <i32>(<u32>(current >> 32) - <u32>mark) > 0) return 0;
    const used = <u32>(current >> 32) == <u32>mark ? <u32>current : 0;
    if (used >= capacity) return 0;
    // A small guard is handed out in small parts.
    const take = min(min(QUOTA, capacity / 64 + 1), capacity - used);
    const seen = atomic.cmpxchg<u64>(entries, current, (mark << 32) | (used + take));
    if (seen == current) return take;
    current = seen;
  }
}

/** Reads the buckets that a MAC would be in, so that they are near when `remember` wants them. */
@inline export function touch(step: i64, pick: u32): u64 {
  const generation = generationOf(step);
  let seen: u64 = 0;
  for (let level = <i32>levelOf(generation); level >= 0; level--) seen |= load<u64>(bucketOf(generation, level, pick));
  return seen;
}

/** Step of a generation, -1 when it has not been used. */
export function generationStep(index: u32): i64 {
  return load<i64>(heads + <usize>index * HEAD) - 1;
}

export function generationEntries(index: u32): u32 {
  return load<u32>(heads + <usize>index * HEAD, ENTRIES);
}
