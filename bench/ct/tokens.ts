/**
 * Tokens that are wrong in one place: the first or the last byte of the signature, the first or the
 * last digit of the OTP.
 */
import { freshLibrary, type Verifier } from '../lib/library.js';
import { World } from '../workloads/world.js';

export const JID = 'alice@example.com';
const HOST = 'example.com';
const SIGNATURE_AT = 41;

export type Spoil = (token: string) => string;

/** Copies a string, so that it has its own memory like one from a network. */
export const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

/**
 * Changes the upper half of a byte of the signature at random. The lower half of the last byte is
 * kept. It alone determines the last character, and the core looks at the kind of that character
 * after a token has failed.
 */
const signatureByte =
  (at: number): Spoil =>
  (token) => {
    const bytes = Buffer.from(token.slice(SIGNATURE_AT), 'base64');
    bytes[at]! ^= (1 + Math.floor(Math.random() * 15)) << 4;
    return flat(token.slice(0, SIGNATURE_AT) + bytes.toString('base64'));
  };

const otpDigit =
  (at: number): Spoil =>
  (token) => {
    const other = (Number(token[at]) + 1 + Math.floor(Math.random() * 9)) % 10;
    return flat(token.slice(0, at) + other + token.slice(at + 1));
  };

/** Changes only the last character of the signature, to a capital (`A`, `E`, …) or a digit. */
const lastCharacter =
  (characters: string): Spoil =>
  (token) => {
    const other = [...characters].filter((char) => char !== token[83]);
    return flat(`${token.slice(0, 83)}${other[Math.floor(Math.random() * other.length)]}=`);
  };

export const SPOIL = {
  firstByte: signatureByte(0),
  lastByte: signatureByte(31),
  toCapital: lastCharacter('AEIMQUY'),
  toDigit: lastCharacter('048'),
  firstDigit: otpDigit(0),
  lastDigit: otpDigit(7),
};

/** A verifier and the issuer of its tokens, with a fixed clock. */
export interface Bench {
  readonly verifier: Verifier;
  /** Issues a new good token of the step that is `drift` steps from now. */
  issue(drift?: number): string;
}

export async function makeBench(): Promise<Bench> {
  const world = await World.create([HOST]);
  const { createVerifier } = await freshLibrary();
  const verifier = await createVerifier({ hosts: world.hosts, clock: world.clock });
  return { verifier, issue: (drift = 0) => flat(world.issue(JID, drift)) };
}

/** Names of equal length, so that their tokens share one queue for four lanes. */
const HOSTS = ['a', 'b', 'c', 'd'].map((name) => `${name}.example.com`);

/** A verifier of several hosts with two keys each, and good tokens of all of them. */
export interface MixedBench {
  readonly verifier: Verifier;
  /** The jids in turn. Any four in a row have four different hosts. */
  readonly jids: readonly string[];
  /**
   * Issues a good token for the jid with this number, with the older or the newer key of its host.
   */
  issue(number: number): string;
}

export async function makeMixedBench(): Promise<MixedBench> {
  const worlds = [await World.create(HOSTS), await World.create(HOSTS)] as const;
  const hosts = Object.fromEntries(
    HOSTS.map((host) => [host, worlds.map((world) => world.hosts[host]!)]),
  );
  const { createVerifier } = await freshLibrary();
  const verifier = await createVerifier({ hosts, clock: worlds[0].clock });
  const jids = HOSTS.map((host) => `alice@${host}`);
  // Two of each key in every four, and both keys for every host: 0 0 1 1 1 1 0 0.
  const keyOf = (number: number) => ((number >> 1) ^ (number >> 2)) & 1;
  return {
    verifier,
    jids,
    issue: (number) => flat(worlds[keyOf(number) as 0 | 1].issue(jids[number % jids.length]!)),
  };
}
