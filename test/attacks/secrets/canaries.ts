/** Keys that stand nowhere by chance, and the search for them in whatever form. */
import { decodeBase32 } from '../../unit/token/reference.js';

export const CANARY_KEYS = {
  otpSeed: 'QX7ZK5WJ3VDMN2RTHY6PGCLBUE4ASFOI',
  tokenSecret: 'zKq7-canary_Wv3xR9.Tj5uLp2Nd8Yb4',
};
export const CANARY_ISSUE_SECRET = 'issue-canary_pH6sFk1Vt9Zr3Qw7Xy5';
export const CANARY_SESSION_SECRET = 'session-canary_bM4gJc8Dn2Ue6Ka0Li';

/**
 * The first nonce of tokens under these keys; others count on from it, so that their start is the
 * same.
 */
export const CANARY_NONCE = '58203917462058193746201985730412';

/** A secret and what a message would call it. */
export interface Canary {
  readonly name: string;
  readonly bytes: Buffer;
}

const canary = (name: string, bytes: string | Uint8Array): Canary => ({
  name,
  bytes: Buffer.from(bytes),
});

/** The configured ones. The seed is one as it is written and as the bytes that it stands for. */
export const CONFIGURED: readonly Canary[] = [
  canary('otpSeed', CANARY_KEYS.otpSeed),
  canary('otpSeed, decoded', decodeBase32(CANARY_KEYS.otpSeed)),
  canary('tokenSecret', CANARY_KEYS.tokenSecret),
  canary('issue.secret', CANARY_ISSUE_SECRET),
  canary('session secret', CANARY_SESSION_SECRET),
];

/**
 * What every run knows beforehand: the keys, and how nonces begin. OTPs and signatures of a real
 * time are known to a suite alone.
 */
export const FIXED: readonly Canary[] = [...CONFIGURED, canary('nonce', CANARY_NONCE.slice(0, 28))];

/** The parts of a token. */
export function partsOf(token: string): readonly Canary[] {
  const signature = token.slice(41);
  return [
    canary('OTP and nonce', token.slice(0, 40)),
    canary('OTP', token.slice(0, 8)),
    canary('nonce', token.slice(8, 40)),
    canary('signature', signature),
    canary('MAC', Buffer.from(signature, 'base64')),
  ];
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[Number.parseInt(five, 2)]).join('');
}

/**
 * An encoding of bytes that stand in the middle of others: for each place that they may begin at,
 * what is sure to be there.
 */
function inTheMiddle(
  bytes: Buffer,
  encode: (bytes: Buffer) => string,
  group: number,
  chars: number,
): string[] {
  return Array.from({ length: group }, (_, before) => {
    const text = encode(Buffer.concat([Buffer.alloc(before), bytes]));
    const first = Math.ceil((before * 8) / ((8 * group) / chars));
    const whole = Math.floor(((before + bytes.length) * chars) / group);
    return text.slice(first, whole);
  });
}

/** How many characters in a row count as found: all of a short one. */
const WINDOW = 12;

function windowsOf(text: string): string[] {
  const length = Math.min(WINDOW, text.length);
  return Array.from({ length: text.length - length + 1 }, (_, i) =>
    text.slice(i, i + length).toLowerCase(),
  );
}

/**
 * An OTP is so short that it could be part of a time or of a number of bytes: it counts where it
 * stands alone.
 */
function holds(haystack: string, piece: string): boolean {
  if (!/^\d{1,11}$/.test(piece)) return haystack.includes(piece);
  return new RegExp(`(?<![\\d.])${piece}(?!\\d)`).test(haystack);
}

/**
 * The forms in which something shows up in `output`: utf8, hex, base32, base64, any 12 characters
 * of them, in any case.
 */
export function found(output: string, canaries: readonly Canary[]): string[] {
  const haystack = output.toLowerCase();
  return canaries.flatMap(({ name, bytes }) => {
    const forms: Readonly<Record<string, readonly string[]>> = {
      utf8: [bytes.toString('latin1')],
      hex: [bytes.toString('hex')],
      base64: inTheMiddle(bytes, (all) => all.toString('base64'), 3, 4),
      base64url: inTheMiddle(bytes, (all) => all.toString('base64url'), 3, 4),
      base32: inTheMiddle(bytes, base32, 5, 8),
      percent: [encodeURIComponent(bytes.toString('latin1'))],
      json: [JSON.stringify([...bytes]).slice(1, -1)],
    };
    return Object.entries(forms)
      .filter(([, texts]) =>
        texts.some((text) => windowsOf(text).some((piece) => holds(haystack, piece))),
      )
      .map(([form]) => `${name} as ${form}`);
  });
}
