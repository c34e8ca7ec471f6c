import { expect, it } from 'vitest';
import { shownJid } from '../../../src/text/safe.js';
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

it.each([
  ['alice@example.com', true],
  ['zoë@bücher.example', true],
  ['alice@example.com/phone', true],
  ['alice', false],
  ['@example.com', false],
  ['alice@', false],
  ['alice@example.com 1234', false],
  ['alice@exam\u0007ple.com', false],
  ['alice@example\u202e.com', false],
  [`a@${'b'.repeat(4000)}`, false],
])('shownJid shows %j: %s', (jid, isShown) => {
  expect(shownJid(jid)).toBe(isShown ? jid : null);
});
