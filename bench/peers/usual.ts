/**
 * The forms that most programs use, by their names in the tables. They are not the quickest, so a
 * report names them beside the baseline.
 */
export const USUAL: readonly string[] = [
  'node:crypto createHmac(KeyObject)',
  'otpauth TOTP.validate',
  // A browser has no other built-in HMAC.
  'WebCrypto verify, one by one',
  'WebCrypto sign, one by one',
];
