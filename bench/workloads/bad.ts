import { Round } from './round.js';
import type { World } from './world.js';

/** The reasons to refuse a token in the right form, in the order of the checks. */
export const BAD_KINDS = ['wrong-otp', 'bad-signature', 'replayed'] as const;

export type BadKind = (typeof BAD_KINDS)[number];

const OTHER_STEP = 10;
const SIGNATURE_AT = 41;

/**
 * Tokens that must be refused for one reason. Those of `replayed` are valid, and must be verified
 * twice.
 */
export function badRound(world: World, jids: readonly string[], kind: BadKind): Round {
  switch (kind) {
    case 'wrong-otp':
      return new Round(
        world.step,
        jids,
        jids.map((jid) => world.issue(jid, OTHER_STEP)),
      );
    case 'bad-signature':
      return new Round(
        world.step,
        jids,
        jids.map((jid) => forged(world.issue(jid))),
      );
    case 'replayed':
      return world.round(jids);
  }
}

/** The same token with another first character of its signature: still canonical base64. */
export function forged(token: string): string {
  const other = token[SIGNATURE_AT] === 'A' ? 'B' : 'A';
  const text = token.slice(0, SIGNATURE_AT) + other + token.slice(SIGNATURE_AT + 1);
  // Makes a flat string. An engine keeps a concatenated string in pieces until it is read.
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
