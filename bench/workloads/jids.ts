import { type Random, seededRandom } from '../../tools/testbed/random.js';

/**
 * A set of jids. The HMAC covers OTP, nonce and jid: 40 bytes plus the jid. 55 bytes fit into one
 * block of SHA-256.
 */
export interface JidSet {
  readonly id: string;
  readonly title: string;
  readonly domain: string;
  /** Bytes of one jid. */
  readonly length: (random: Random) => number;
}

export const JID_SETS: readonly JidSet[] = [
  {
    id: 'jid-17',
    title: 'jid of 17 bytes: three blocks of SHA-256 a token',
    domain: 'example.com',
    length: () => 17,
  },
  {
    id: 'jid-15',
    title: 'jid of 15 bytes: two blocks of SHA-256 a token',
    domain: 'example.com',
    length: () => 15,
  },
  {
    id: 'jid-mixed',
    title: 'jids of 5 to 40 bytes, mixed',
    domain: 'b.c',
    length: (random) => 5 + random(36),
  },
  {
    id: 'jid-60',
    title: 'jid of 60 bytes: three blocks of SHA-256 a token',
    domain: 'example.com',
    length: () => 60,
  },
];

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Makes the names of a set as flat strings. An engine keeps a concatenated string in pieces until
 * it is read.
 */
export function jidsOf(set: JidSet, count: number): string[] {
  const random = seededRandom(set.title.length);
  return Array.from({ length: count }, () => {
    const local = Array.from({ length: set.length(random) - set.domain.length - 1 }, () =>
      LETTERS.charCodeAt(random(LETTERS.length)),
    );
    return `${String.fromCharCode(...local)}@${set.domain}`;
  }).map((jid) => new TextDecoder().decode(new TextEncoder().encode(jid)));
}
