/**
 * The original: "A comparison that leaks timing (`==` on the signature)." It stops at the first
 * character that differs, so how long it takes tells how much of a guess is right.
 *
 * Shown here without a watch: the instrumented core writes down every turn of a loop and every
 * address that it touches. The traces of a signature wrong at its first character and of one wrong
 * at its last are the same. For all places, other secrets and four lanes see
 * test/unit/assembly/constant-time.test.ts.
 */
import { expect, it } from 'vitest';
import { setUp, TOKEN_BYTES, writeToken } from '../../unit/assembly/bare-core.js';
import { tracedCore } from '../../unit/assembly/traced-core.js';
import { JID, KEYS, STEP, tokenOf } from '../../unit/token/reference.js';

it('the comparison takes the same path for a signature wrong at its start and one wrong at its end', () => {
  const { calls, traceOf } = tracedCore();
  setUp(calls, KEYS, { past: 1, future: 1 });
  calls.guardCreate(3, 10, 0);
  const right = Buffer.from(tokenOf());
  const signature = Buffer.from(right.subarray(41, 85).toString(), 'base64');
  const pathOf = (wrong: Buffer) => {
    const text = Buffer.from(right);
    text.write(wrong.toString('base64'), 41);
    writeToken(calls, text.toString(), JID);
    return traceOf(() => calls.verify(TOKEN_BYTES, JID.length, STEP, false));
  };
  const atStart = Buffer.from(signature);
  atStart[0]! ^= 0x80;
  const atEnd = Buffer.from(signature);
  // The 31st byte: the last characters stay as they are, and so does what is looked at of them.
  atEnd[30]! ^= 0x01;
  const everywhere = Buffer.from(signature.map((byte, i) => (i < 30 ? byte ^ 0xff : byte)));

  // The first token of a step has the OTPs of the window made.
  pathOf(atStart);
  const path = pathOf(atStart);
  expect(path.length).toBeGreaterThan(300);
  expect(pathOf(atEnd)).toEqual(path);
  expect(pathOf(everywhere)).toEqual(path);
});
