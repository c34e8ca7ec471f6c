/**
 * `totp-token/pool`: verifying on several threads with one replay guard.
 *
 * @packageDocumentation
 */
export type { PoolOptions } from './options.js';
export { createVerifierPool, type VerifierPool } from './pool.js';
export type { GivenWorker, PoolWorker } from './worker-source.js';
