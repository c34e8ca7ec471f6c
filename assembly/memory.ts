/**
 * Who owns which bytes.
 *
 *     0        constants       round constants and tables, placed by the compiler
 *     region   SCRATCH         this instance's working bytes, map below
 *     + 12 KiB BATCH           what is known of each token of a batch, and the answers
 *     + 52 KiB INPUT           what the host writes: a token and its jid, a message, a key, a batch
 *     + 180 KiB heap           host and key records, the guard's tables
 *
 * Every address is `region` plus a constant, so that instances which share one memory (threads) can
 * each have a region of their own. Nothing here is ever handed to two owners at a time: the core is
 * not reentrant.
 */

/**
 * HMAC message of one token: prefix, jid, padding. 265 + 3071 + 64 + 9 bytes at most. Also the
 * guard's buckets that a batch is about to ask for.
 */
const MESSAGE: usize = 0x0000;
/** Message schedule: 64 words of four lanes at most. */
const SCHEDULE: usize = 0x1000;
/** Chaining value while hashing: 8 words of 64 bits at most. */
const STATE: usize = 0x1400;
/** Last MAC or digest computed, big-endian bytes, 64 at most. */
const DIGEST: usize = 0x1440;
/** One block being built: a padded key, an outer message, a counter. */
const BLOCK: usize = 0x1480;
/** The running hash of hash.ts. */
const STREAM: usize = 0x1500;
/** Heads of the free lists, by size. */
const FREE: usize = 0x1600;
/** Room that this instance has been given in each generation of a shared guard: generations.ts. */
const QUOTAS: usize = 0x1800;
/** The bucket of a shared guard that this instance locked last, or went to lock: locks.ts. */
export const HOLDING: usize = 0x1c00;
/**
 * Where what this instance has used of its region ends, u32: whoever wipes it after a dead thread
 * need not touch the rest.
 */
const USED: usize = 0x1c08;
/** Heads of the chains of hosts. */
const HOSTS: usize = 0x2000;
/** What a batch knows of each of its tokens: batch.ts. */
const RECORDS: usize = 0x3000;
/** The answer to each token of a batch, an i32. */
const ANSWERS: usize = 0xb000;
/** Vectors of the four-lane path: four.ts. */
const LANES: usize = 0xc000;
const INPUT: usize = 0xd000;
/** Where in the input the jid of a single token is: after the longest token. */
const JID: usize = 0x200;
const HEAP: usize = 0x2d000;

/**
 * A mark of another guard:  first 64 bits of a MAC | the next 32 | the window's steps that have its
 * OTP, as bits.
 */
export const MARK_BYTES: usize = 16;
/** Tokens that a batch takes at a time: RECORDS and ANSWERS are made for that many. */
export const BATCH: u32 = 1024;
/** What the core may read or pad past the text that it was given. */
const OVERREAD: usize = 256;
export const INPUT_BYTES: usize = HEAP - INPUT - OVERREAD;

let region: usize = (__heap_base + 63) & ~63;
/** First byte of the heap that no one owns. */
let top: usize = region + HEAP;
/** The part of the heap that is the guard's. */
let guardStart: usize = 0;
let guardEnd: usize = 0;
/**
 * Where the heap ends, for an instance that shares its memory and so cannot let it grow. 0: it may
 * grow.
 */
let limit: usize = 0;

/** Where regions can begin: after the constants, which are the same for all instances. */
export function firstRegion(): usize {
  return (__heap_base + 63) & ~63;
}

/** Bytes of a region without its heap. */
export const REGION_BYTES: usize = HEAP;

/** Takes `bytes` at `at` as this instance's own region and heap. Before anything else. */
export function useRegion(at: usize, bytes: usize): void {
  region = at;
  top = at + HEAP;
  limit = at + bytes;
  store<u32>(at + USED, <u32>top);
}

// prettier-ignore
@inline export function message(): usize { return region + MESSAGE; }
@inline export function schedule(): usize { return region + SCHEDULE; }
@inline export function state(): usize { return region + STATE; }
@inline export function digest(): usize { return region + DIGEST; }
@inline export function block(): usize { return region + BLOCK; }
@inline export function stream(): usize { return region + STREAM; }
@inline export function hostTable(): usize { return region + HOSTS; }
@inline export function records(): usize { return region + RECORDS; }
/**
 * A batch's marks take the place of its records: that of each token is read before its mark is
 * written.
 */
@inline export function marks(): usize { return region + RECORDS; }
@inline export function answers(): usize { return region + ANSWERS; }
@inline export function lanes(): usize { return region + LANES; }
@inline export function quotas(): usize { return region + QUOTAS; }
@inline export function holding(): usize { return region + HOLDING; }
@inline export function input(): usize { return region + INPUT; }
@inline export function jidInput(): usize { return region + INPUT + JID; }

/** Makes `bytes` of memory exist from `top` on; false when the host refuses. */
function reserve(bytes: u64): bool {
  const end = <u64>top + bytes;
  if (limit) return end <= <u64>limit;
  const have = <u64>memory.size() << 16;
  if (end <= have) return true;
  if (end > 0xffff0000) return false;
  return memory.grow(<i32>((end - have + 0xffff) >> 16)) >= 0;
}

/** A zeroed, 64-byte aligned block that is never given back; 0 when there is no memory for it. */
export function allocForever(bytes: u64): usize {
  if (!reserve(bytes)) return 0;
  const at = top;
  top += (<usize>bytes + 63) & ~63;
  if (limit) store<u32>(region + USED, <u32>top);
  return at;
}

/**
 * The same for a guard, which wipes what it has used itself: most of it may never have been
 * touched.
 */
export function allocGuard(bytes: u64): usize {
  guardStart = allocForever(bytes);
  guardEnd = top;
  return guardStart;
}

// Free records are kept in lists by size, 64 << i bytes; the first word of each leads to the next.
@inline function sizeClass(bytes: usize): usize {
  return bytes <= 64 ? 0 : 26 - clz<u32>(<u32>bytes - 1);
}

/** A zeroed record on the heap; 0 when there is no memory for it. */
export function alloc(bytes: usize): usize {
  const list = region + FREE + sizeClass(bytes) * 4;
  const at = <usize>load<u32>(list);
  if (!at) return allocForever(64 << sizeClass(bytes));
  store<u32>(list, load<u32>(at));
  store<u32>(at, 0);
  return at;
}

/** Wipes a record and makes it available again. */
export function free(at: usize, bytes: usize): void {
  const list = region + FREE + sizeClass(bytes) * 4;
  memory.fill(at, 0, 64 << sizeClass(bytes));
  store<u32>(at, load<u32>(list));
  store<u32>(list, <u32>at);
}

/**
 * Wipes what hashing leaves behind: schedule, chaining values, blocks, digest. A key went through
 * it.
 */
export function wipeHashing(): void {
  memory.fill(region + SCHEDULE, 0, FREE - SCHEDULE);
}

/** Wipes the first `bytes` of the input: a key was there. */
export function wipeInput(bytes: usize): void {
  memory.fill(input(), 0, bytes);
}

/** Wipes all that this instance ever wrote, but for its guard. */
export function wipeAll(): void {
  if (!guardStart) {
    memory.fill(region, 0, top - region);
    return;
  }
  memory.fill(region, 0, guardStart - region);
  memory.fill(guardEnd, 0, top - guardEnd);
}

/**
 * Wipes what was used of the region at `at`, which has `bytes`. By any instance, for a thread that
 * ends. Unless it is gone for sure, how much that is stays there: it may still be writing, and the
 * region is wiped once more then.
 */
export function wipeRegion(at: usize, bytes: usize, isGone: bool): void {
  const end = <usize>load<u32>(at + USED);
  // Nobody has begun there.
  if (!end) return;
  const used = end - at;
  memory.fill(at, 0, USED);
  // A number that is not to be believed is as good as all of it.
  memory.fill(at + USED + 4, 0, (used < HEAP || used > bytes ? bytes : used) - USED - 4);
  if (isGone) store<u32>(at + USED, 0);
}
