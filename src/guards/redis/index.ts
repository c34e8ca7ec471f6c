/**
 * `totp-token/redis`: a guard on a Redis or Valkey server or cluster, so that only one of all
 * machines that share it accepts a token.
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
