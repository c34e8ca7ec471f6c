/**
 * What the build for threads exports besides the ABI of index.ts. Its instances share one memory.
 *
 * Each instance has a region of its own, given by `shareRegion`, and all have one guard, given by
 * `shareGuard`. The memory holds, in this order: constants, a region for each thread, the guard.
 */
import { firstRegion, REGION_BYTES, useRegion, wipeRegion } from './memory';
import { useGuard } from './generations';
import { openAfter, setThread } from './locks';

/** Where the first region can be. */
export function regionsStart(): usize { return firstRegion(); }
/** Bytes of a region, to which those of its heap of keys come. */
export function regionBytes(): usize { return REGION_BYTES; }
/**
 * Makes `bytes` at `at` this instance's own, and it the thread of that number, 0 to 63. The first
 * call.
 */
export function shareRegion(at: usize, bytes: usize, thread: u32): void {
  useRegion(at, bytes);
  setThread(thread);
}
/**
 * Uses the guard at `at`, in place of guardCreate. Its memory was zero when the first instance
 * came.
 */
export function shareGuard(at: usize, generations: u32, capacity: u32, firstStep: f64): void {
  useGuard(at, generations, capacity, <i64>firstStep);
}
/**
 * Wipes what was used of the region at `at`, of `bytes`: keys, scratch. By any instance; the guard
 * stays. Before its thread is gone for sure it may leave something, and is called once more then.
 */
export function regionWipe(at: usize, bytes: usize, isGone: bool): void { wipeRegion(at, bytes, isGone); }
/**
 * Opens the lock that thread left closed when it ended in the middle, as its region at `at` tells,
 * which must not have been wiped yet. By any instance, once the thread has surely stopped. False:
 * it held none.
 */
export function guardOpenAfter(thread: u32, at: usize): bool { return openAfter(thread, at); }
