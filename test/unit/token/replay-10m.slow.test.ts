/**
 * Ten million tokens of one step, each issued, accepted once and presented again: 20 million
 * verifications.
 *
 * Two cores are driven by their exports, without strings, as it is the guard that is on trial. The
 * nonce of token number i is i, so that it can be issued again instead of being kept.
 */
import { describe, expect, it } from 'vitest';
import { VERDICT_CODES } from '../../../src/index.js';
import { Core } from '../../../src/wasm/core.js';
import { moduleNow } from '../../../src/wasm/module.js';
import { decodeBase32, JID, KEYS, nonceOf, STEP, tokenOf } from './reference.js';

const TOKENS = 10_000_000;
const TOKEN_BYTES = 85;
const SHA_1 = 1;
const JID_BYTES = Buffer.from(JID);

/** A core with the keys of the reference. */
function coreWithKeys(past: number, future: number): Core {
  const core = new Core(moduleNow());
  const domain = Buffer.from('example.com');
  const seed = decodeBase32(KEYS.otpSeed);
  const secret = Buffer.from(KEYS.tokenSecret);
  core.calls.configure(past, future, 8, 32, 32, SHA_1);
  core.input.set(domain);
  const host = core.calls.hostCreate(domain.length);
  core.refresh();
  core.input.set(Buffer.concat([seed, secret]));
  core.calls.hostAddKey(host, seed.length, secret.length);
  core.refresh();
  core.calls.hostLink(host);
  return core;
}

/** Writes token number `i` into the input of the core that issues. */
function issue(core: Core, i: number): void {
  const { input } = core;
  input.fill(0x30, 8, 40);
  for (let at = 39, rest = i; rest > 0; at--, rest = Math.floor(rest / 10))
    input[at] = 0x30 + (rest % 10);
  input.set(JID_BYTES, TOKEN_BYTES);
  if (core.calls.issue(32, JID_BYTES.length, STEP, false) !== 0) throw new Error(`no token ${i}`);
}

describe('a guard of 10,000,000 a step', () => {
  const issuer = coreWithKeys(0, 0);
  const verifier = coreWithKeys(1, 1);
  const made = verifier.calls.guardCreate(3, TOKENS, 0);
  verifier.refresh();

  /** Verdicts on the tokens from `from` up to `to`, counted. */
  function count(from: number, to: number): Record<string, number> {
    const counts: Record<string, number> = {};
    for (let i = from; i < to; i++) {
      issue(issuer, i);
      verifier.input.set(issuer.input.subarray(0, TOKEN_BYTES));
      verifier.jid.set(JID_BYTES);
      const answer = verifier.calls.verify(TOKEN_BYTES, JID_BYTES.length, STEP, false);
      const code = VERDICT_CODES[answer & 0xff] as string;
      counts[code] = (counts[code] ?? 0) + 1;
    }
    return counts;
  }

  it('is made, with the tokens of node:crypto', () => {
    expect(made).toBe(1);
    for (const i of [0, 1, 9_999_999]) {
      issue(issuer, i);
      expect(Buffer.from(issuer.input.subarray(0, TOKEN_BYTES)).toString()).toBe(
        tokenOf({ nonce: nonceOf(i) }),
      );
    }
  });

  it('accepts all of its tokens', () => {
    expect(count(0, TOKENS)).toEqual({ accepted: TOKENS });
  });

  it('is full after that', () => {
    expect(count(TOKENS, TOKENS + 100_000)).toEqual({ 'guard-unavailable': 100_000 });
  });

  it('accepts none of them again', () => {
    expect(count(0, TOKENS)).toEqual({ replayed: TOKENS });
  });
});
