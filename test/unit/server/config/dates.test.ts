/** A date of TOML is an object in JavaScript: it must not pass for an empty table. */
import { describe, expect, it } from 'vitest';
import { checkShape } from '../../../../src/keyfile/shape.js';
import { parseConfig } from '../../../../src/server/config/parse.js';

const DATES = ['2026-01-31', '12:00:00', '2026-01-31T12:00:00', '2026-01-31T12:00:00Z'];
const FIELDS = ['limits', 'session', 'guard', 'hosts', 'workers', 'listen'];

describe('the configuration file', () => {
  for (const field of FIELDS) {
    it.each(DATES)(`refuses ${field} = %s, and names the field`, (date) => {
      expect(() => parseConfig(`${field} = ${date}\n`, 'gateway.toml', {})).toThrow(
        `gateway.toml: ${field}: a date or a time; write the value that this field takes`,
      );
    });
  }

  it.each([
    ['[guard]\nredis = 2026-01-31', 'guard.redis'],
    ['[hosts]\n"example.com" = 2026-01-31', 'hosts.(unreadable)'],
    ['[guard.redis]\nnodes = [2026-01-31]', 'guard.redis.nodes.0'],
  ])('refuses a date deeper in it: %j', (text, field) => {
    expect(() => parseConfig(`${text}\n`, 'gateway.toml', {})).toThrow(
      `gateway.toml: ${field}: a date`,
    );
  });

  it('refuses a date in place of a table also where a variable sets a field of the table', () => {
    const env = { TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES: '2048' };
    expect(() => parseConfig('limits = 2026-01-31\n', 'gateway.toml', env)).toThrow(
      'limits: a date',
    );
  });
});

describe('a key file', () => {
  const fail = (path: readonly (string | number)[], fault: string): never => {
    throw new Error(`${path.join('.')}: ${fault}`);
  };
  const date = new Date(0);
  const keys = { otpSeed: 'a', tokenSecret: 'b' };

  it.each([
    [date, 'not a table of fields'],
    [{ hosts: date }, 'hosts: not a table of hosts'],
    [{ hosts: { 'example.com': date } }, 'hosts.example.com: not a pair of keys'],
    [{ hosts: { 'example.com': [date] } }, 'hosts.example.com.0: not a pair of keys'],
    [{ hosts: { 'example.com': keys }, window: date }, 'window: not a table'],
  ])('refuses a date in place of a table', (value, message) => {
    expect(() => checkShape(value, fail)).toThrow(message);
  });
});
