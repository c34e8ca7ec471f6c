/**
 * A guard's tables grow with its entries: nothing is lost where one is full and the next one
 * begins.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { createIssuer, createVerifier } from '../../../src/index.js';
import { JID, KEYS, OTHER_KEYS, PERIOD_MS, STEP } from '../token/reference.js';

const TOKENS = 100_000;
const PART = 1_000;
const hosts = { 'example.com': KEYS };

let now = STEP;
const clock = () => now * PERIOD_MS;
/** Lines of all tokens, in parts. */
let parts: readonly string[] = [];

async function issued(): Promise<string[]> {
  const issuer = await createIssuer({ hosts, clock });
  const line = () => `${JID}\t${issuer.issue(JID)}\n`;
  return Array.from({ length: TOKENS / PART }, () => Array.from({ length: PART }, line).join(''));
}

beforeAll(async () => {
  parts = await issued();
});

// 100,000 a step take two tables; of 1,400,000 they reach the third.
for (const capacity of [TOKENS, 1_400_000]) {
  describe(`a guard of ${capacity} a step`, () => {
    it(`accepts each of ${TOKENS} tokens once, in whichever table it is stored`, async () => {
      now = STEP;
      using verifier = await createVerifier({ hosts, clock, replay: { capacity } });
      for (const [i, part] of parts.entries()) {
        expect(verifier.verifyLines(part).accepted, `part ${i}`).toBe(PART);
        // An early one, and one of those just accepted.
        for (const known of [parts[0]!, part]) {
          const [jid, token] = known.slice(0, known.indexOf('\n')).split('\t') as [string, string];
          expect(verifier.verify(jid, token).code).toBe('replayed');
        }
      }
      for (const part of parts) {
        expect(new Set(verifier.verifyLines(part).codes)).toEqual(new Set([5]));
      }
      expect(verifier.replay.generations).toEqual([{ step: STEP, entries: TOKENS }]);
    });

    it('leaves the keyring alone, however many tables each token of a batch is looked up in', async () => {
      now = STEP;
      const all = { ...hosts, 'other.example': OTHER_KEYS };
      using verifier = await createVerifier({ hosts: all, clock, replay: { capacity } });
      const issuer = await createIssuer({ hosts: all, clock });
      for (const part of parts.slice(1)) verifier.verifyLines(part);
      const jid = 'bob@other.example';
      expect(verifier.verify(jid, issuer.issue(jid)).code).toBe('accepted');
    });

    it('begins anew with the next step that takes its place', async () => {
      now = STEP;
      using verifier = await createVerifier({ hosts, clock, replay: { capacity } });
      for (const part of parts) verifier.verifyLines(part);
      now = STEP + 3;
      for (const part of await issued()) expect(verifier.verifyLines(part).accepted).toBe(PART);
      expect(verifier.replay.generations).toEqual([{ step: STEP + 3, entries: TOKENS }]);
    });
  });
}

it('a guard is full at exactly its capacity, and still knows its entries', async () => {
  now = STEP;
  const capacity = TOKENS - PART / 2;
  using verifier = await createVerifier({ hosts, clock, replay: { capacity } });
  const accepted = parts.map((part) => verifier.verifyLines(part).accepted);
  expect(accepted.reduce((sum, count) => sum + count)).toBe(capacity);
  expect(accepted.at(-1)).toBe(PART / 2);
  const last = verifier.verifyLines(parts.at(-1)!);
  expect([...last.codes]).toEqual([...Array(PART / 2).fill(5), ...Array(PART / 2).fill(7)]);
});
