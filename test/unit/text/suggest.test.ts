import { expect, it } from 'vitest';
import { closest } from '../../../src/text/suggest.js';

it.each([
  ['otpSead', 'otpSeed'],
  ['otp_seed', 'otpSeed'],
  ['otpseed', 'otpSeed'],
  ['tokenSercet', 'tokenSecret'],
  ['secret', undefined],
  ['MZXW6YTBOIQGC3TEEBSG63TFONQXEZLE', undefined],
  ['', undefined],
])('the closest known name to "%s" is %s', (name, expected) => {
  expect(closest(name, ['otpSeed', 'tokenSecret'])).toBe(expected);
});
