/**
 * `totp-token/durable-object`: a guard on Durable Objects, so that only one of all copies of a
 * Cloudflare Worker accepts a token.
 *
 * @packageDocumentation
 */
export {
  type DurableObjectGuardOptions,
  durableObjectGuard,
  type ReplayNamespace,
  type ReplayStub,
} from './guard.js';
export { ReplayShard } from './shard.js';
