/** The search itself: what it finds, and what it does not. */
import { describe, expect, it } from 'vitest';
import { CANARY_KEYS, CONFIGURED, found, partsOf } from './canaries.js';

const secret = Buffer.from(CANARY_KEYS.tokenSecret);
const TOKEN =
  '2715724583584053286568732746023908788616 IBjqyDfeKxjUX4ViBvDdqoGC7kf3/cDh5ZH3PbBvhYY=';

describe('the search', () => {
  it.each([
    ['as it is', `key ${CANARY_KEYS.tokenSecret}.`, 'tokenSecret as utf8'],
    ['in part', `key ${CANARY_KEYS.tokenSecret.slice(9, 21)}…`, 'tokenSecret as utf8'],
    ['in lower case', CANARY_KEYS.otpSeed.toLowerCase(), 'otpSeed as utf8'],
    ['in hexadecimal', secret.toString('hex').toUpperCase(), 'tokenSecret as hex'],
    ['in base64', secret.toString('base64'), 'tokenSecret as base64'],
    [
      'in a Basic header',
      Buffer.from(`u:${CANARY_KEYS.tokenSecret}`).toString('base64'),
      'tokenSecret as base64',
    ],
    [
      'in base64url',
      Buffer.from(`user:${CANARY_KEYS.tokenSecret}`).toString('base64url'),
      'tokenSecret as base64url',
    ],
    ['as a list of bytes', JSON.stringify([1, ...secret]), 'tokenSecret as json'],
    ['as decoded seed in hexadecimal', '85ff9576c9dd46c6ea33', 'otpSeed, decoded as hex'],
  ])('finds a secret %s', (_how, text, expected) =>
    expect(found(`before ${text} after`, CONFIGURED)).toContain(expected),
  );

  it('finds the parts of a token', () => {
    expect(found(`code 27157245, nonce`, partsOf(TOKEN))).toEqual([
      'OTP as utf8',
      'OTP as percent',
    ]);
    expect(found(`{"at":1227157245,"x":0.27157245}`, partsOf(TOKEN))).toEqual([]);
    expect(found(`nonce=${TOKEN.slice(20, 40)}`, partsOf(TOKEN))).toEqual([
      'OTP and nonce as utf8',
      'OTP and nonce as percent',
      'nonce as utf8',
      'nonce as percent',
    ]);
    expect(found(encodeURIComponent(TOKEN.slice(41)), partsOf(TOKEN))).toContain(
      'signature as percent',
    );
  });
});

it('the search finds nothing in text without secrets', () => {
  expect(
    found(`a log of ${'some length '.repeat(100)} 1700000000000`, [
      ...CONFIGURED,
      ...partsOf(TOKEN),
    ]),
  ).toEqual([]);
});
