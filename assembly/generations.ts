import { allocGuard, quotas } from './memory';

/**
 * Where the replay guard keeps what it remembers.
 *
 * One generation a step, in a ring of as many as the window has steps, so that two steps that are
 * alive at once never share one. A generation is some hash tables, its levels, each sixteen times
 * as large as the one before. Entries go into the first level until it has its share, then into the
 * next, so that a step of few tokens stays within the processor's caches. A level is made of
 * 64-byte buckets, one cache line each:
 *
 *   stamp  u64       (step + 1) << 4 | lock << 3 | number of entries, 0 to 7
 *   tags   7 × u64   first 64 bits of the MAC of each entry
 *
 * A bucket whose stamp is of an earlier step is empty. So forgetting a step is writing the next
 * step's number into the generation, and no memory is ever cleared or scanned.
 *
 * In the build for threads (ASC_FEATURE_THREADS) the tables are shared, and a generation is one
 * level.
 */
export const BUCKET: usize = 64;
export const SLOTS: u32 = 7;
/** The part of a stamp that tells the step. */
export const STEP_BITS: u64 = ~15;
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
export let floor: i64 = 0;

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

@inline export function generationOf(step: i64): usize {
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

@inline export function firstBucket(generation: usize, level: u32): usize {
  const before = ASC_FEATURE_THREADS ? 0 : load<u32>(levels + level * LEVEL_SIZE);
  return tables + (generation * buckets + before) * BUCKET;
}

@inline export function bucketsOf(level: u32): u32 {
  return ASC_FEATURE_THREADS ? buckets : load<u32>(levels + level * LEVEL_SIZE, 4);
}

@inline export function bucketOf(generation: usize, level: u32, pick: u32): usize {
  return firstBucket(generation, level) + <usize>((<u64>pick * bucketsOf(level)) >> 32) * BUCKET;
}

@inline export function headOf(generation: usize): usize {
  return heads + generation * HEAD;
}

@inline export function levelOf(generation: usize): u32 {
  return ASC_FEATURE_THREADS ? 0 : load<u32>(headOf(generation), LEVEL);
}

/** Moves a generation on to a step. False: it is at a later one. */
@inline export function advance(head: usize, mark: u64): bool {
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

/** Takes room for one entry more. False: the generation is full. */
@inline export function claim(generation: usize, mark: u64): bool {
  const head = headOf(generation);
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
    const head = headOf(generation);
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

/** Step of a generation, -1 when it has not been used. */
export function generationStep(index: u32): i64 {
  return load<i64>(headOf(index)) - 1;
}

export function generationEntries(index: u32): u32 {
  return load<u32>(headOf(index), ENTRIES);
}
