/** Tokens by node:crypto, sharing no code with the library. */
import { createHmac } from 'node:crypto';
import type { HostKeys } from '../../../src/index.js';

export const JID = 'alice@example.com';
export const PERIOD_MS = 30_000;
/** 2024-07-03T10:40:00Z, and a step that has both parities and all residues around it. */
export const STEP = 57_333_600;
export const KEYS: HostKeys = {
  otpSeed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  tokenSecret: 'JYXEX4IQOEYFYQ2S3MC5P4ZT4SDHYEA7',
};
export const OTHER_KEYS: HostKeys = {
  otpSeed: 'XVGR73KMZH2M4XMYKRUGKIDUN5VWK3RA',
  tokenSecret: 'a secret of another key',
};

export interface TokenParts {
  readonly keys?: HostKeys;
  readonly jid?: string | Uint8Array;
  readonly step?: number;
  /** A number is written with leading zeros. */
  readonly nonce?: string | number;
  readonly otp?: string;
  readonly digits?: number;
  readonly algorithm?: 'sha1' | 'sha256' | 'sha512';
}

/** RFC 4648 §6 without checks. */
export function decodeBase32(text: string): Buffer {
  const bits = [...text]
    .map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** RFC 4226 §5.3 with the step as its counter. */
export function otpOf(
  keys: HostKeys,
  step: number,
  { digits = 8, algorithm = 'sha1' }: Pick<TokenParts, 'digits' | 'algorithm'> = {},
): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(algorithm, decodeBase32(keys.otpSeed)).update(counter).digest();
  const value = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fffffff;
  return String(value).padStart(digits, '0').slice(-digits);
}

/**
 * The first two steps of `KEYS`, less than the widest window apart, that share their OTP: with six
 * digits there are such.
 */
export function stepsWithOneOtp(digits: number): readonly [number, number] {
  const seen = new Map<string, number>();
  for (let step = 0; ; step++) {
    const otp = otpOf(KEYS, step, { digits });
    const before = seen.get(otp);
    if (before !== undefined && step - before <= 20) return [before, step];
    seen.set(otp, step);
  }
}

export function nonceOf(number: number): string {
  return String(number).padStart(32, '0');
}

export function signatureOf(keys: HostKeys, prefix: string, jid: string | Uint8Array): string {
  return createHmac('sha256', keys.tokenSecret).update(prefix).update(jid).digest('base64');
}

export function tokenOf(parts: TokenParts = {}): string {
  const { keys = KEYS, jid = JID, step = STEP, nonce = 7, otp = otpOf(keys, step, parts) } = parts;
  const prefix = otp + (typeof nonce === 'number' ? nonceOf(nonce) : nonce);
  return `${prefix} ${signatureOf(keys, prefix, jid)}`;
}

/** A text in which one character is another. */
export function withChar(text: string, at: number, char: string): string {
  return text.slice(0, at) + char + text.slice(at + 1);
}

/** A token whose signature is another one in the right form. */
export function withWrongSignature(token: string): string {
  return withChar(token, 41, token[41] === 'A' ? 'B' : 'A');
}
