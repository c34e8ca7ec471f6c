/**
 * `totp-token/redis`: one acceptance over all machines that share a Redis or Valkey server or
 * cluster.
 *
 * @packageDocumentation
 */
export { createRedisGuard, type RedisGuard } from './guard.js';
export type {
  RedisCredentials,
  RedisGuardOptions,
  RedisSentinelOptions,
  RedisWaitOptions,
} from './options.js';
export { createRedisQuorumGuard, type RedisQuorumOptions } from './quorum.js';
