import { timingSafeEqual } from 'node:crypto';
import type { Measured } from './dudect.js';
import {
  batch,
  comparison,
  fromBytes,
  lines,
  type Made,
  mixedBatch,
  single,
  totpCode,
  wrongLane,
} from './measured.js';
import { type Bench, SPOIL, type Spoil } from './tokens.js';

/** A subject of measurement, and the result that a sound harness must find. */
export interface Subject {
  readonly name: string;
  readonly title: string;
  /**
   * `leaks` and `constant` are controls with a known outcome. `ours` is our own code. In `public`,
   * the classes differ only in the input that was sent, and not in the secret, so any outcome is
   * fine.
   */
  readonly kind: 'leaks' | 'constant' | 'ours' | 'public';
  make(): Promise<Measured>;
}

/** Makes both classes from the same tokens, so that they differ only in the fault. */
const spoilt = (first: Spoil, second: Spoil) => (bench: Bench) => (): Made => {
  const token = bench.issue();
  return [first(token), second(token)];
};
const signatures = spoilt(SPOIL.firstByte, SPOIL.lastByte);
const otps = spoilt(SPOIL.firstDigit, SPOIL.lastDigit);
/**
 * Right OTPs of the first and of the last step of the window. Nonce and wrong signature are the
 * same.
 */
const steps = (bench: Bench) => (): Made => {
  const past = SPOIL.firstByte(bench.issue(-1));
  return [past, bench.issue(1).slice(0, 8) + past.slice(8)];
};

/** The comparison that everybody writes first. */
function leakyEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const ours = (name: string, title: string, make: () => Promise<Measured>): Subject => ({
  name,
  title,
  kind: 'ours',
  make,
});

export const SUBJECTS: readonly Subject[] = [
  {
    name: 'leaky',
    title: 'a comparison with an early exit',
    kind: 'leaks',
    make: () => comparison(leakyEqual),
  },
  {
    name: 'with-leak',
    title: 'verify, and a comparison with an early exit after it',
    kind: 'leaks',
    make: () => comparison(leakyEqual, true),
  },
  {
    name: 'safe',
    title: 'crypto.timingSafeEqual',
    kind: 'constant',
    make: () => comparison((a, b) => timingSafeEqual(a, b)),
  },
  {
    name: 'same',
    title: 'verify, the first byte wrong in both classes',
    kind: 'constant',
    make: () => single(spoilt(SPOIL.firstByte, SPOIL.firstByte)),
  },
  {
    name: 'same-bytes',
    title: 'verify from bytes, the first byte wrong in both classes',
    kind: 'constant',
    make: () => fromBytes(spoilt(SPOIL.firstByte, SPOIL.firstByte)),
  },
  ours('signature', 'verify, signature: first byte or last', () => single(signatures)),
  ours('signature-bytes', 'verify from bytes, signature: first byte or last', () =>
    fromBytes(signatures),
  ),
  ours('signature-batch', 'verifyBatch of 64, signatures: first byte or last', () =>
    batch(signatures),
  ),
  ours('signature-lines', 'verifyLines of 64, signatures: first byte or last', () =>
    lines(signatures),
  ),
  ours(
    'signature-mixed',
    'verifyBatch of 64 of four hosts and eight keys, signatures: first byte or last',
    () => mixedBatch(SPOIL.firstByte, SPOIL.lastByte),
  ),
  ours(
    'signature-lane',
    'verifyLines of 64, one of four lanes wrong, signature: first byte or last',
    () => wrongLane([0, SPOIL.firstByte], [0, SPOIL.lastByte]),
  ),
  ours('otp', 'verify, OTP: first digit or last', () => single(otps)),
  ours('otp-bytes', 'verify from bytes, OTP: first digit or last', () => fromBytes(otps)),
  ours('otp-batch', 'verifyBatch of 64, OTPs: first digit or last', () => batch(otps)),
  ours('step', 'verify, OTP of the first step of the window or of the last', () => single(steps)),
  {
    name: 'form',
    title: 'verify from bytes, last character sent: a capital or a digit',
    kind: 'public',
    make: () => fromBytes(spoilt(SPOIL.toCapital, SPOIL.toDigit)),
  },
  {
    name: 'lane',
    title: 'verifyLines of 64, one of four lanes wrong: the first or the last',
    kind: 'public',
    make: () => wrongLane([0, SPOIL.firstByte], [3, SPOIL.firstByte]),
  },
  ours('totp', 'createTotp().verify, code: first digit or last', totpCode),
];
