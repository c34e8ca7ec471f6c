/** Tokens that are wrong in one place: the first or the last byte of the signature, the first or the last digit of the OTP. */
import { freshLibrary, type Verifier } from '../lib/library.js';
import { World } from '../workloads/world.js';

export const JID = 'alice@example.com';
const HOST = 'example.com';
const SIGNATURE_AT = 41;

export type Spoil = (token: string) => string;

/** A string of its own in memory, as one that came over a network is. */
export const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

/** One byte of the signature is another, by chance which. */
const signatureByte =
  (at: number): Spoil =>
  (token) => {
    const bytes = Buffer.from(token.slice(SIGNATURE_AT), 'base64');
    bytes[at]! ^= 1 + Math.floor(Math.random() * 255);
    return flat(token.slice(0, SIGNATURE_AT) + bytes.toString('base64'));
  };

const otpDigit =
  (at: number): Spoil =>
  (token) => {
    const other = (Number(token[at]) + 1 + Math.floor(Math.random() * 9)) % 10;
    return flat(token.slice(0, at) + other + token.slice(at + 1));
  };

export const SPOIL = {
  firstByte: signatureByte(0),
  lastByte: signatureByte(31),
  firstDigit: otpDigit(0),
  lastDigit: otpDigit(7),
};

/** A verifier and the issuer of its tokens, with a clock that stands. */
export interface Bench {
  readonly verifier: Verifier;
  /** A good token of the step `drift` steps from now, another one each time. */
  issue(drift?: number): string;
}

export async function makeBench(): Promise<Bench> {
  const world = await World.create([HOST]);
  const { createVerifier } = await freshLibrary();
  const verifier = await createVerifier({ hosts: world.hosts, clock: world.clock });
  return { verifier, issue: (drift = 0) => flat(world.issue(JID, drift)) };
}
