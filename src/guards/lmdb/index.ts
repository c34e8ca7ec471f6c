/**
 * `totp-token/lmdb`: one acceptance over all processes of a machine, that outlives a crash and a
 * restart.
 *
 * @packageDocumentation
 */
export { createLmdbGuard, type LmdbGuard } from './guard.js';
export type { LmdbGuardOptions } from './options.js';
