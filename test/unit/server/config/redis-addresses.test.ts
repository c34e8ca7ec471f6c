/**
 * Secrets stand in files of their own or in variables: an address of Redis with a password is none
 * for the configuration.
 */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/server/config/parse.js';

const SECRET = 'Tr0ub4dor3-geheim';
const FIELDS: Record<string, (address: string) => string> = {
  url: (address) => `url = ${JSON.stringify(address)}`,
  nodes: (address) => `nodes = ["redis://one.example", ${JSON.stringify(address)}]`,
  quorum: (address) =>
    `quorum = ["redis://one.example", ${JSON.stringify(address)}, "redis://three.example"]`,
  sentinels: (address) =>
    `sentinelName = "m"\nsentinels = [${JSON.stringify(address)}, "redis://two.example"]`,
};
const ADDRESSES = [
  `redis://user:${SECRET}@host:6379`,
  `rediss://:${SECRET}@host`,
  `redis://user:${SECRET}%2F%40@host`,
  `redis://user:a/${SECRET}@host`,
  `redis://user:a@${SECRET}@host`,
  `user:${SECRET}@host`,
  `REDIS://user:${SECRET}\n@[::1]:6379/0`,
];

describe.each(Object.entries(FIELDS))('guard.redis.%s', (field, write) => {
  const refusal = (address: string): Error => {
    try {
      parseConfig(`[guard]\nkind = "redis"\n[guard.redis]\n${write(address)}`, 'gateway.toml', {});
    } catch (error) {
      return error as Error;
    }
    throw new Error('taken');
  };

  it.each(ADDRESSES)(
    'is refused with a password in it, and the message names the way and no secret (%#)',
    (address) => {
      const error = refusal(address);
      expect(error).toMatchObject({
        code: 'ERR_OPTION',
        field: `gateway.toml: guard.redis.${field}`,
      });
      expect(error.message).toMatch(
        new RegExp(
          `a secret in the configuration; .*set TOTP_TOKEN_GATEWAY_GUARD_REDIS_${field.toUpperCase()}$`,
        ),
      );
      expect(error.message).not.toContain(SECRET);
    },
  );

  it.each(['redis://host:6379', 'redis://user@host', 'rediss://[::1]:6379', 'redis://host/3'])(
    'is taken without a password: %s',
    (address) => {
      const config = parseConfig(
        `[guard]\nkind = "redis"\n[guard.redis]\n${write(address)}`,
        'gateway.toml',
        {},
      );
      expect(JSON.stringify(config.guard.redis)).toContain(JSON.stringify(address));
    },
  );

  it('may have a password in its variable', () => {
    const address = `redis://user:${SECRET}@host`;
    const name = `TOTP_TOKEN_GATEWAY_GUARD_REDIS_${field.toUpperCase()}`;
    const config = parseConfig('[guard]\nkind = "redis"', 'gateway.toml', { [name]: address });
    expect(JSON.stringify(config.guard.redis)).toContain(SECRET);
  });
});
