import { HOLDING, holding } from './memory';

/**
 * Locks of a guard that threads share, one a bucket, in the bucket's stamp. In the build for one
 * thread there are none: `enter` reads the stamp and `write` writes it.
 *
 * Whoever looks into a bucket holds its lock, so asking and remembering are one. A lock that is not
 * opened for half a second is given up as its dead holder's, and its bucket cannot be judged any
 * more: fail closed. Should the holder live after all, it opens the bucket as if nothing had been;
 * if it is gone for sure, `openAfter` does.
 */
export const LOCKED: u64 = 8;
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

/** What this thread adds to a stamp that it locks. */
let locked: u64 = LOCKED;

/** Makes this instance the thread of that number. */
export function setThread(thread: u32): void {
  locked = LOCKED | (<u64>thread << HOLDER_SHIFT);
}

/** A mark that would reach the bits of a lock's holder. */
@inline export function isBeyond(mark: u64): bool {
  return ASC_FEATURE_THREADS && mark >= MARKS;
}

/** Takes a bucket's lock and gives its stamp, one that is LOCKED when the lock is not to be had. */
@inline export function enter(at: usize): u64 {
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
@inline export function leave(at: usize, stamp: u64): void {
  if (ASC_FEATURE_THREADS) atomic.store<u64>(at, stamp);
}

/** Writes a bucket's stamp, and so opens its lock. */
@inline export function write(at: usize, stamp: u64): void {
  if (ASC_FEATURE_THREADS) atomic.store<u64>(at, stamp);
  else store<u64>(at, stamp);
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
