/**
 * `totp-token/pool`: verifying on several threads with one replay guard.
 *
 * @packageDocumentation
 */
export { createVerifierPool, type PoolOptions, type VerifierPool } from './pool.js';
