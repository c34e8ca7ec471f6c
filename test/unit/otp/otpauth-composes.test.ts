/** What parseOtpauthUri gives is what the codes are made from. */
import { expect, it } from 'vitest';
import {
  createTotp,
  hotp,
  otpauthUri,
  parseOtpauthUri,
  totp,
  verifyTotp,
} from '../../../src/index.js';

// RFC 6238 Appendix B and RFC 4226 Appendix D.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const label = { account: 'alice', issuer: 'Example', secret };
const timed = parseOtpauthUri(otpauthUri({ ...label, type: 'totp', digits: 8 }));
const counted = parseOtpauthUri(otpauthUri({ ...label, type: 'hotp', counter: 0, digits: 6 }));

it('the result of parseOtpauthUri works for the functions of its kind', () => {
  expect(totp({ ...timed, timeMs: 59_000 })).toBe('94287082');
  expect(createTotp(timed).generate(59_000)).toBe('94287082');
  expect(verifyTotp({ ...timed, code: '94287082', timeMs: 59_000 })).toMatchObject({
    ok: true,
    step: 1,
  });
  expect(hotp({ ...counted, counter: counted.counter ?? -1 })).toBe('755224');
  expect(totp(timed)).toMatch(/^\d{8}$/);
});

it('the result of parseOtpauthUri is refused by the functions of the other kind', () => {
  expect(() => hotp({ ...timed, counter: 0 })).toThrow('type: not hotp; hand in a key for hotp');
  for (const make of [totp, createTotp]) {
    expect(() => make(counted)).toThrow('type: not totp; hand in a key for totp');
  }
});
