import { hotp } from './hotp.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The OTPs of a step and its neighbours as numbers of eight digits: RFC 6238 over RFC 4226 §5.3,
 * without the library.
 */
export function windowCodes(seed: string, step: number): number[] {
  return codesAround(decodeBase32(seed), step);
}

export function codesAround(key: Uint8Array, step: number): number[] {
  return [step - 1, step, step + 1].map((each) => hotp(key, each));
}

export function decodeBase32(text: string): Uint8Array {
  const bits = [...text]
    .map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
