/** What restarts with other `digits` do to tokens that a store knows. */
import { expect } from 'vitest';
import { createGuardedVerifier, createIssuer, type ReplayGuard } from '../../../src/index.js';
import { codesOf, HOSTS, JID } from './tokens.js';

/**
 * A token is accepted once under its own digits, and by no verifier of other digits: neither before
 * a restart with others nor after one that takes the first back.
 *
 * @param open - Another handle on the same store at each call.
 */
export async function expectChangedDigits(open: () => Promise<ReplayGuard>): Promise<void> {
  const accepted: { readonly digits: number; readonly token: string }[] = [];
  // Longer than a test takes: what is replayed does not become wrong-otp.
  const window = { past: 10, future: 1 };
  for (const digits of [8, 6, 10, 8, 6]) {
    const guard = await open();
    const issuer = await createIssuer({ hosts: HOSTS, digits });
    const verifier = await createGuardedVerifier({ hosts: HOSTS, digits, window, guard });
    try {
      const token = issuer.issue(JID);
      expect(await codesOf(verifier, [token])).toEqual(['accepted']);
      accepted.push({ digits, token });
      const codes = await codesOf(
        verifier,
        accepted.map((each) => each.token),
      );
      expect(codes).toEqual(
        accepted.map((each) => (each.digits === digits ? 'replayed' : 'malformed')),
      );
    } finally {
      issuer.dispose();
      verifier.dispose();
      await guard.close?.();
    }
  }
}
