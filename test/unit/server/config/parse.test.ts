import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VerifierError } from '../../../../src/index.js';
import { parseConfig } from '../../../../src/server/config/parse.js';
import { ConfigSchema } from '../../../../src/server/config/schema.js';
import { variableOf } from '../../../../src/server/config/variables.js';
import { ROOT } from '../../../../tools/lib/process.mjs';
import { leaks } from '../../cli/binary.js';

const SECRET = 'S3cr3tValueThatNobodyMaySee12345';

function refused(text: string, env: Record<string, string> = {}): string {
  try {
    parseConfig(text, 'gateway.toml', env);
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    expect(error.code).toBe('ERR_OPTION');
    return error.message;
  }
  throw new Error('it was taken');
}

/** The fields of a schema, as `guard.redis.url`. Names of hosts are the operator's. */
function fieldsOf({ properties = {} }: z.core.JSONSchema.BaseSchema, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const fields = fieldsOf(field as z.core.JSONSchema.BaseSchema, `${path}${name}.`);
    return fields.length === 0 ? [`${path}${name}`] : fields;
  });
}

it('docs/configuration.md names every field, by itself, after its table or by its variable', () => {
  const page = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8');
  const items = page.split(/\n(?=- |\n|#)/).filter((item) => item.startsWith('- `'));
  const isNamed = (field: string) => {
    const [, table = '', name = ''] = /^(?:(.*)\.)?(\w+)$/.exec(field) ?? [];
    const isItem = (item: string) =>
      item.includes(`\`${field}\``) ||
      (item.startsWith(`- \`${table}.*\``) && item.includes(`\`${name}\``));
    return page.includes(`\`${variableOf(field.split('.'))}\``) || items.some(isItem);
  };
  const schema = z.toJSONSchema(ConfigSchema, { io: 'input', unrepresentable: 'any' });
  const fields = fieldsOf(schema);
  expect(fields.length).toBeGreaterThan(60);
  expect(fields.filter((field) => field !== 'hosts' && !isNamed(field))).toEqual([]);
});

describe('a configuration', () => {
  it('without a file has every default, and listens on loopback', () => {
    const { listen, workers, guard, session, log, issue, proxies } = parseConfig(undefined, '', {});
    expect([listen, workers, guard, issue, proxies]).toEqual([
      '127.0.0.1:8080',
      1,
      { timeoutMs: 2000, redis: {} },
      {},
      { trusted: [], header: 'x-forwarded-for' },
    ]);
    expect([session.seconds, log.level]).toEqual([900, 'info']);
  });

  it('has the defaults that docs/gateway/gateway.toml shows', () => {
    const shown = readFileSync(join(ROOT, 'docs', 'gateway', 'gateway.toml'), 'utf8');
    expect(parseConfig(shown, '', {})).toEqual({
      ...parseConfig(undefined, '', {}),
      keys: 'keys.json',
    });
  });

  it('takes a variable before the file, for every kind of field', () => {
    const text =
      'listen = "127.0.0.1:1"\n[limits]\nbodyBytes = 2048\n[proxies]\ntrusted = ["10.0.0.0/8"]';
    const config = parseConfig(text, 'gateway.toml', {
      TOTP_TOKEN_GATEWAY_LISTEN: '[::1]:2',
      TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES: '4096',
      TOTP_TOKEN_GATEWAY_AUTH_REASONS: 'true',
      TOTP_TOKEN_GATEWAY_PROXIES_TRUSTED: '127.0.0.1, ::1',
      TOTP_TOKEN_GATEWAY_TOKEN_PERIOD: '60',
      TOTP_TOKEN_GATEWAY_SESSION_SECRET: SECRET,
      TOTP_TOKEN_GATEWAY_LOG_LEVEL: '',
      OTHER: 'x',
    });
    expect(config).toMatchObject({
      listen: '[::1]:2',
      limits: { bodyBytes: 4096 },
      auth: { reasons: true },
      proxies: { trusted: ['127.0.0.1', '::1'] },
      token: { period: 60 },
      session: { secret: SECRET },
      log: { level: 'info' },
    });
  });

  it('takes a hash in the spellings of other programs, from the file and from a variable', () => {
    for (const [name, expected] of [
      ['SHA256', 'SHA-256'],
      ['sha1', 'SHA-1'],
      ['HmacSHA512', 'SHA-512'],
    ]) {
      const { token } = parseConfig(`[token]\nalgorithm = "${name}"`, 'gateway.toml', {});
      expect(token.algorithm).toBe(expected);
      const env = { TOTP_TOKEN_GATEWAY_TOKEN_ALGORITHM: name! };
      expect(parseConfig(undefined, '', env).token.algorithm).toBe(expected);
    }
  });

  it('with a value where a table belongs is refused, even if a variable sets a field of that table', () => {
    const variable = { TOTP_TOKEN_GATEWAY_SESSION_COOKIE: '__Host-x' };
    for (const value of ['""', '5', 'true', '[]']) {
      expect(refused(`session = ${value}`, variable), value).toMatch(
        /^gateway\.toml: session: not usable; /,
      );
    }
  });

  it.each([
    ['[limits]\nbodyBytes = "many"', 'gateway.toml: limits.bodyBytes: '],
    ['[limits]\nbodyBites = 5', 'gateway.toml: limits: unknown fields: bodyBites; '],
    ['[log]\nlevel = "loud"', 'gateway.toml: log.level: '],
    [
      '[token]\nperiod = 30000',
      'gateway.toml: token.period: not usable; write seconds, such as 30',
    ],
    [
      '[token]\nperiod = 600000',
      'gateway.toml: token.period: not usable; write seconds, such as 30',
    ],
    ['[token]\nalgorithm = "MD5"', 'gateway.toml: token.algorithm: not usable; '],
    ['listen = "8080"', 'gateway.toml: listen: not usable; write HOST:PORT'],
    [
      '[proxies]\ntrusted = ["everyone"]',
      'gateway.toml: proxies.trusted.0: not usable; write an address',
    ],
    ['[spoe]\nhost = "example.com"', 'gateway.toml: spoe: unknown fields: host; '],
    ['[session]\ncookie = "session"', 'gateway.toml: session.cookie: '],
    [
      '[session]\ndomain = "example.com"',
      'gateway.toml: session.cookie: not usable; a __Host- cookie has no domain',
    ],
    [
      `[hosts."a.b"]\notpSeed = "${SECRET}"`,
      'gateway.toml: hosts."a.b".otpSeed: a key in the configuration; put it into a key file and write keys = "FILE", or name files by otpSeedFile and tokenSecretFile',
    ],
    [
      `[[hosts."a.b"]]\ntoken_secret = "${SECRET}"`,
      'gateway.toml: hosts."a.b".token_secret: a key in the configuration; ',
    ],
    [`otpSeed = "${SECRET}"`, 'gateway.toml: otpSeed: a key in the configuration; '],
    [
      `[redis]\npassword = "${SECRET}"`,
      'gateway.toml: redis.password: a secret in the configuration; name a file with it by ',
    ],
    [
      `[guard.redis]\nurl = "unix:/run/redis.sock?password=${SECRET}"`,
      'gateway.toml: guard.redis.url: a secret in the configuration; ',
    ],
    [
      `[session]\nsecret = "${SECRET}"`,
      'gateway.toml: session.secret: a secret in the configuration; name a secretFile',
    ],
    [
      `[issue]\nsecret = "${SECRET}"`,
      'gateway.toml: issue.secret: a secret in the configuration; ',
    ],
    [
      `[guard.redis]\npassword = "${SECRET}"`,
      'gateway.toml: guard.redis.password: a secret in the configuration; name a passwordFile, or set TOTP_TOKEN_GATEWAY_GUARD_REDIS_PASSWORD',
    ],
    [
      `[guard.redis]\nurl = "redis://me:${SECRET}@host"`,
      'gateway.toml: guard.redis.url: a secret in the configuration; ',
    ],
    [
      '[guard]\nkind = "redis"',
      'gateway.toml: guard.redis: not usable; write one of url, nodes, quorum, and sentinels',
    ],
    [
      '[guard]\nkind = "lmdb"\nrejectStepsBefore = "start"',
      'gateway.toml: guard.rejectStepsBefore: not usable; with lmdb, write creation or none',
    ],
    [
      'workers = 2\n[guard]\nrejectStepsBefore = "creation"',
      'gateway.toml: guard.rejectStepsBefore: not usable; with memory, the default, write start or none',
    ],
    [`a = "${SECRET}`, 'gateway.toml, line 1, column '],
    [`${SECRET} = 1\n${SECRET} = 2`, 'gateway.toml, line 2, column '],
  ])('is refused with file, place and field, and no secret: %j', (text, message) => {
    const said = refused(text);
    expect(said.slice(0, message.length)).toBe(message);
    expect(leaks(said, [SECRET])).toEqual([]);
  });

  it.each([
    [
      'TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES',
      '5',
      'TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES: not usable; ',
    ],
    [
      'TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES',
      SECRET,
      'TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES: not a number; ',
    ],
    ['TOTP_TOKEN_GATEWAY_AUTH_REASONS', SECRET, 'TOTP_TOKEN_GATEWAY_AUTH_REASONS: not a boolean; '],
    [
      'TOTP_TOKEN_GATEWAY_LISEN',
      SECRET,
      'TOTP_TOKEN_GATEWAY_LISEN: no field of the configuration; ',
    ],
  ])('is refused with the name of the variable, and no secret: %s', (name, value, message) => {
    const said = refused('', { [name]: value });
    expect(said.slice(0, message.length)).toBe(message);
    expect(leaks(said, [SECRET])).toEqual([]);
  });
});
