import { createIssuer, type GuardedVerifier, type Verdict } from '../../../src/index.js';

export const HOSTS = {
  'example.com': {
    otpSeed: 'PNE4SBL4X7EQGUA4SMHEGRLNDGB4WTUX',
    tokenSecret: 'WIZTWOOZJ3TLYOBW4WGLADWGXMJIGCKG',
  },
};
export const JID = 'alice@example.com';

/** Fresh tokens of this moment, or of another one. */
export async function tokensOf(count: number, clock: () => number = Date.now): Promise<string[]> {
  const issuer = await createIssuer({ hosts: HOSTS, clock });
  try {
    return Array.from({ length: count }, () => issuer.issue(JID));
  } finally {
    issuer.dispose();
  }
}

/** What becomes of these tokens. */
export async function codesOf(
  verifier: GuardedVerifier,
  tokens: readonly string[],
): Promise<Verdict['code'][]> {
  const verdicts = await verifier.verifyBatch(
    tokens.map(() => JID),
    tokens,
  );
  return tokens.map((_, i) => verdicts.code(i));
}
