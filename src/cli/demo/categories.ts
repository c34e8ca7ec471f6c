import { BASE64 } from '../../guards/guard.js';
import type { RejectCode, VerdictCode } from '../../index.js';
import {
  altered,
  capitals,
  DIGITS,
  forged,
  good,
  type Make,
  malformed,
  ofAnother,
  oldKey,
  outside,
  plain,
  rotating,
  shifted,
  stolenCode,
  unknownHost,
} from './makers.js';

/** A kind of token, the verdict that it must get, and how to make one. */
export interface Category {
  readonly title: string;
  readonly expected: {
    readonly code: VerdictCode;
    readonly drift?: number;
    readonly keyIndex?: number;
  };
  readonly make: Make;
}

/** Good tokens. `share` is in twentieths. */
export const GOOD: readonly (Category & { readonly share: number })[] = [
  accepted('of this step', 10, { drift: 0 }, good(plain, 0)),
  accepted('of the step before', 3, { drift: -1 }, good(plain, -1)),
  accepted('of the step to come', 2, { drift: 1 }, good(plain, 1)),
  accepted('name in capitals', 1, { drift: 0 }, capitals),
  accepted('changing keys: new', 2, { keyIndex: 0 }, good(rotating, 0)),
  accepted('changing keys: old', 2, { keyIndex: 1 }, oldKey),
];

/** Good tokens that are sent a second time. */
export const REPLAYED = { title: 'replayed', expected: { code: 'replayed' } } as const;

/** Bad tokens. Each kind is a hundredth of the number of good ones. */
export const BAD: readonly Category[] = [
  rejected('forged with other keys', 'wrong-otp', outside(forged)),
  rejected('forged, with a real OTP', 'bad-signature', stolenCode),
  rejected('a digit of the OTP altered', 'wrong-otp', outside(altered(0, 8, DIGITS))),
  rejected('a digit of the nonce altered', 'bad-signature', altered(8, 40, DIGITS)),
  // The last character before the = has spare bits, which must be zero. If it were altered, the
  // token could be malformed instead.
  rejected('a signature character altered', 'bad-signature', altered(41, 83, BASE64)),
  rejected('expired', 'wrong-otp', outside(good(plain, (n) => -2 - (n % 20)))),
  rejected('too early', 'wrong-otp', outside(good(plain, (n) => 2 + (n % 20)))),
  rejected('of another user', 'bad-signature', ofAnother),
  rejected('digit moved, nonce and name', 'malformed', shifted),
  rejected('malformed', 'malformed', malformed),
  rejected('host without keys', 'unknown-host', unknownHost),
];

function accepted(
  title: string,
  share: number,
  details: { drift?: number; keyIndex?: number },
  make: Make,
) {
  return { title, share, expected: { code: 'accepted', ...details } as const, make };
}

function rejected(title: string, code: RejectCode, make: Make): Category {
  return { title, expected: { code }, make };
}
