/**
 * `totp-token/lmdb`: a guard in a folder, so that only one of all processes of a machine accepts a
 * token. Its memory survives a crash and a restart.
 *
 * @packageDocumentation
 */
export { createLmdbGuard, type LmdbGuard } from './guard.js';
export type { LmdbGuardOptions } from './options.js';
