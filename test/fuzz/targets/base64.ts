/** Any 44 bytes, or fewer, or more, as the signature of a token that is right but for it. */
import { strictEqual } from 'node:assert';
import fc from 'fast-check';
import { createVerifier } from '../../../src/index.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf } from '../../unit/token/reference.js';
import { type FuzzTarget, utf8 } from '../target.js';

const GOOD = tokenOf();
const PREFIX = utf8(GOOD.slice(0, 41));
const SIGNATURE = GOOD.slice(41);

/** RFC 4648 §4 and §3.5 by node: 44 characters that encoding gives back. */
function isCanonical(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === text;
}

async function open(): Promise<(input: Uint8Array) => void> {
  const verifier = await createVerifier({
    hosts: { 'example.com': KEYS },
    clock: () => (STEP + 0.5) * PERIOD_MS,
    replay: { capacity: 1 },
  });
  strictEqual(verifier.verify(JID, GOOD).code, 'accepted');
  return (input) => {
    const signature = Buffer.from(input).toString('latin1');
    const expected = !isCanonical(signature)
      ? 'malformed'
      : signature === SIGNATURE
        ? 'replayed'
        : 'bad-signature';
    const token = Buffer.concat([PREFIX, input]);
    strictEqual(verifier.verify(JID, token).code, expected, 'verify');
    for (const code of verifier.verifyBatch([JID, JID, JID, JID], [token, token, token, token])) {
      strictEqual(code.code, expected, 'verifyBatch');
    }
  };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export const target: FuzzTarget = {
  name: 'base64',
  testInputs: 1500,
  seeds: [utf8(SIGNATURE), utf8(`${'A'.repeat(43)}=`), utf8(`${'/'.repeat(42)}8=`)],
  words: ['=', '==', 'A', 'B', '+', '/', '-', '_', '\n', ' ', '@', '[', '`', '{', '\0'],
  inputs: fc.oneof(
    fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => utf8(Buffer.from(bytes).toString('base64'))),
    fc
      .string({ unit: fc.constantFrom(...alphabet), minLength: 43, maxLength: 43 })
      .map((text) => utf8(`${text}=`)),
    fc
      .tuple(fc.nat(43), fc.nat(255))
      .map(([at, byte]) => utf8(SIGNATURE).map((char, i) => (i === at ? byte : char))),
    fc.uint8Array({ maxLength: 90 }),
  ),
  open,
};
