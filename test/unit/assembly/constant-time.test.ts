import { describe, expect, it } from 'vitest';
import type { HostKeys } from '../../../src/index.js';
import { JID, KEYS, STEP, tokenOf, withChar } from '../token/reference.js';
import { inputOf, setUp, TOKEN_BYTES, writeToken } from './bare-core.js';
import { type TracedCore, tracedCore } from './traced-core.js';

const BAD_SIGNATURE = 4;
const WRONG_OTP = 3;
const WINDOW = { past: 1, future: 1 };

function coreFor(keys: HostKeys): TracedCore {
  const core = tracedCore();
  setUp(core.calls, keys, WINDOW);
  core.calls.guardCreate(3, 100, 0);
  // The OTPs of the window are made once a step, by the first token; none of the tokens below is
  // that one.
  verify(core, tokenOf({ keys, otp: '00000000' }));
  return core;
}

function verify({ calls }: TracedCore, token: string): number {
  writeToken(calls, token, JID);
  return calls.verify(TOKEN_BYTES, JID.length, STEP, false) & 0xff;
}

/** Four at a time: all the same jid, so that they share the lanes. */
function verifyFour({ calls }: TracedCore, tokens: readonly string[]): void {
  const text = Buffer.from(tokens.join('') + tokens.map(() => JID).join('\n'));
  inputOf(calls).set(text);
  calls.verifyJoined(tokens.length, TOKEN_BYTES, text.length, STEP, false);
}

/** Another character of the same kind: the core does look at what was sent, which is no secret. */
function another(char: string): string {
  const kinds = ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz', '0123456789', '+/'];
  const kind = kinds.find((chars) => chars.includes(char)) as string;
  // Four on, so that the spare bits of the last character stay zero.
  return kind[(kind.indexOf(char) + 4) % kind.length] as string;
}

/** A token wrong from each place of its signature on: where would an early exit leave? */
function wrongAtEachPlace(token: string): string[] {
  return Array.from({ length: 43 }, (_, i) =>
    withChar(token, 41 + i, another(token[41 + i]!)),
  ).filter(
    (wrong) =>
      wrong !== token &&
      Buffer.from(wrong.slice(41), 'base64').toString('base64') === wrong.slice(41),
  );
}

describe('the path that a token takes through the core', () => {
  const core = coreFor(KEYS);
  const path = (token: string, code: number) =>
    core.traceOf(() => expect(verify(core, token)).toBe(code));

  it('is recorded with hundreds of loops, loads and stores', () => {
    const trace = path(wrongAtEachPlace(tokenOf())[0]!, BAD_SIGNATURE);
    expect(trace.length).toBeGreaterThan(300);
    for (const kind of ['at', 'load', 'store']) {
      expect(trace.filter((event) => event.startsWith(`${kind} `)).length).toBeGreaterThan(10);
    }
  });

  it('differs for another length of jid or another verdict', () => {
    const wrong = path(wrongAtEachPlace(tokenOf())[0]!, BAD_SIGNATURE);
    expect(path(tokenOf({ otp: '12345678' }), WRONG_OTP)).not.toEqual(wrong);
    expect(path(tokenOf().slice(0, 84) + JID[0], 1)).not.toEqual(wrong);
  });

  it('does not depend on the first character at which a signature differs', () => {
    const wrong = wrongAtEachPlace(tokenOf());
    expect(wrong.length).toBeGreaterThan(40);
    const first = path(wrong[0]!, BAD_SIGNATURE);
    for (const token of wrong) expect(path(token, BAD_SIGNATURE)).toEqual(first);
  });

  it('does not depend on it in four lanes either', () => {
    const [right] = [tokenOf()];
    const wrong = wrongAtEachPlace(right);
    const fourOf = (token: string) =>
      core.traceOf(() => verifyFour(core, [token, token, token, token]));
    const first = fourOf(wrong[0]!);
    for (const token of wrong) expect(fourOf(token)).toEqual(first);
  });

  it('does not depend on the step of an OTP', () => {
    const [past, present, future] = [-1, 0, 1].map((drift) =>
      path(wrongAtEachPlace(tokenOf({ step: STEP + drift }))[0]!, BAD_SIGNATURE),
    );
    expect(past).toEqual(present);
    expect(future).toEqual(present);
  });

  it('does not depend on which digit of an OTP is wrong', () => {
    const token = tokenOf();
    const paths = Array.from({ length: 8 }, (_, i) =>
      path(withChar(token, i, String((Number(token[i]) + 5) % 10)), WRONG_OTP),
    );
    for (const other of paths) expect(other).toEqual(paths[0]);
  });

  it('is the same under any token_secret', () => {
    const paths = [
      'one secret',
      'another secret',
      'a secret that is longer than a block of the hash'.repeat(3),
    ].map((tokenSecret) => {
      const keys = { ...KEYS, tokenSecret };
      const other = coreFor(keys);
      return other.traceOf(() => verify(other, wrongAtEachPlace(tokenOf())[0]!));
    });
    for (const other of paths) expect(other).toEqual(paths[0]);
  });
});
