/**
 * `totp-token/durable-object`: one acceptance over all copies of a Cloudflare Worker.
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
