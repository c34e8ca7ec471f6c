/**
 * What the build for threads exports besides the ABI of index.ts. Its instances share one memory.
 *
 * Each instance has a region of its own, given by `shareRegion`, and all have one guard, given by `shareGuard`. The memory
 * holds, in this order: constants, a region for each thread, the guard.
 */
import { firstRegion, REGION_BYTES, useRegion } from './memory';
import { useGuard } from './replay';

/** Where the first region can be. */
export function regionsStart(): usize { return firstRegion(); }
/** Bytes of a region, to which those of its heap of keys come. */
export function regionBytes(): usize { return REGION_BYTES; }
/** Makes `bytes` at `at` this instance's own. The first call. */
export function shareRegion(at: usize, bytes: usize): void { useRegion(at, bytes); }
/** Uses the guard at `at`, in place of guardCreate. Its memory was zero when the first instance came. */
export function shareGuard(at: usize, generations: u32, capacity: u32, firstStep: f64): void {
  useGuard(at, generations, capacity, <i64>firstStep);
}
