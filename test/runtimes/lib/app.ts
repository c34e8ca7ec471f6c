/**
 * The program that tries every way of loading: it issues, verifies and replays a token, and
 * returns the outcome.
 */
export const app = (
  from: string,
): string => `import { createIssuer, createVerifier, generateKeys } from '${from}';

export async function tryIt(options = {}) {
  const hosts = { 'example.com': generateKeys() };
  const issuer = await createIssuer({ hosts, ...options });
  const verifier = await createVerifier({ hosts, replay: { capacity: 10 }, ...options });
  const token = issuer.issue('alice@example.com');
  const { codes } = verifier.verifyBatch(['alice@example.com', 'bob@example.com'], [token, token]);
  return [...codes, verifier.verify('alice@example.com', token).code].join(' ');
}
`;

/** Accepted, bad-signature for bob, replayed. */
export const WORKS = '0 4 replayed';
