export const SECRET = 'JBSWY3DPEHPK3PXP';
export const DEFAULTS = { secret: SECRET, algorithm: 'SHA-1', digits: 6, period: 30 };
export const alice = { type: 'totp', account: 'alice', ...DEFAULTS };

const NFC = 'Z\u00fcrich';
const NFD = 'Zu\u0308rich';

/**
 * URIs that apps import although the Key URI Format says otherwise: why, the field that is refused
 * strictly, the URI, and what is read.
 */
export const IN_CIRCULATION = [
  [
    'a space at the end of the account',
    'account',
    `otpauth://totp/X:alice%20?secret=${SECRET}`,
    { ...alice, issuer: 'X' },
  ],
  [
    'spaces at the ends of the issuer',
    'issuer',
    `otpauth://totp/X%20:alice?secret=${SECRET}&issuer=+X+`,
    { ...alice, issuer: 'X' },
  ],
  [
    'an issuer unlike the prefix: the parameter counts',
    'issuer',
    `otpauth://totp/X:alice?secret=${SECRET}&issuer=Y`,
    { ...alice, issuer: 'Y' },
  ],
  [
    'an issuer in another case',
    'issuer',
    `otpauth://totp/X:alice?secret=${SECRET}&issuer=x`,
    { ...alice, issuer: 'x' },
  ],
  [
    'an issuer of spaces beside a prefix',
    'issuer',
    `otpauth://totp/X:alice?secret=${SECRET}&issuer=%20`,
    { ...alice, issuer: 'X' },
  ],
  [
    'two colons: the first one ends the issuer',
    'account',
    `otpauth://totp/X:a:b?secret=${SECRET}`,
    { ...alice, account: 'a:b', issuer: 'X' },
  ],
  [
    'two colons that are escaped',
    'account',
    `otpauth://totp/X%3Aa%3ab?secret=${SECRET}`,
    { ...alice, account: 'a:b', issuer: 'X' },
  ],
  [
    'a colon in the issuer',
    'issuer',
    `otpauth://totp/alice?secret=${SECRET}&issuer=X:Y`,
    { ...alice, issuer: 'X:Y' },
  ],
  ['an empty label', 'account', `otpauth://totp/?secret=${SECRET}`, { ...alice, account: '' }],
  [
    'an empty account behind an issuer',
    'account',
    `otpauth://totp/X:?secret=${SECRET}`,
    { ...alice, account: '', issuer: 'X' },
  ],
  [
    'an account of spaces',
    'account',
    `otpauth://totp/X:%20?secret=${SECRET}`,
    { ...alice, account: '', issuer: 'X' },
  ],
  [
    'a plus on both sides',
    'issuer',
    `otpauth://totp/A+B:alice?secret=${SECRET}&issuer=A+B`,
    { ...alice, issuer: 'A+B' },
  ],
  [
    'a plus on one side, an escaped one on the other',
    'issuer',
    `otpauth://totp/A%2BB:alice?secret=${SECRET}&issuer=A+B`,
    { ...alice, issuer: 'A+B' },
  ],
  [
    'composed characters on one side, decomposed ones on the other',
    'issuer',
    `otpauth://totp/${NFD}:alice?secret=${SECRET}&issuer=${encodeURIComponent(NFC)}`,
    { ...alice, issuer: NFC },
  ],
  [
    'a bad escape in a parameter that is ignored',
    'uri',
    `otpauth://totp/alice?secret=${SECRET}&image=%FF&color=%`,
    alice,
  ],
  [
    'a bad escape in the name of a parameter',
    'uri',
    `otpauth://totp/alice?secret=${SECRET}&%E0=1`,
    alice,
  ],
  [
    'empty parameters',
    'algorithm',
    `otpauth://totp/alice?secret=${SECRET}&algorithm=&digits=&period=&issuer=&counter=`,
    alice,
  ],
  ['HmacSHA1', 'algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=HmacSHA1`, alice],
  [
    'HMAC-SHA512 in any case',
    'algorithm',
    `otpauth://totp/alice?secret=${SECRET}&algorithm=hmac-Sha512`,
    { ...alice, algorithm: 'SHA-512' },
  ],
  [
    'one parameter twice with the same value',
    'issuer',
    `otpauth://totp/X%20Y:alice?secret=${SECRET}&issuer=X+Y&ISSUER=X%20Y`,
    { ...alice, issuer: 'X Y' },
  ],
  ['the secret twice', 'secret', `otpauth://totp/alice?secret=${SECRET}&secret=${SECRET}`, alice],
  [
    'one parameter twice, empty the first time',
    'digits',
    `otpauth://totp/alice?secret=${SECRET}&digits=&digits=8`,
    { ...alice, digits: 8 },
  ],
  [
    'white space, marks without a width and a byte order mark in the secret',
    'secret',
    `otpauth://totp/alice?secret=%EF%BB%BFJBSW%09Y3DP%E2%80%8BEHPK%C2%A03PXP%0D%0A`,
    alice,
  ],
  ['white space around the URI', 'uri', `\ufeff  otpauth://totp/alice?secret=${SECRET}\r\n`, alice],
] as const;
