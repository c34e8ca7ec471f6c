/** The verdict that each protocol of the gateway gets, and the event that the observer gets. */
import { expect, it } from 'vitest';
import { accountOf, Checker } from '../../../src/gateway/checker.js';
import type { GatewayVerifier, Verified } from '../../../src/gateway/contract.js';
import type { Verdict } from '../../../src/index.js';

function checker(verify: () => Verdict | Promise<Verdict>) {
  const told: Verified[] = [];
  const faults: unknown[] = [];
  const observer = {
    verified: (event: Verified) => void told.push(event),
    batch() {},
    event() {},
    fault: (...fault: unknown[]) => void faults.push(fault),
  };
  const verifier = { verify } as unknown as GatewayVerifier;
  return { checker: new Checker(verifier, observer), told, faults };
}

it('rejects as guard-unavailable and reports a fault when the verifier throws, at once or later', async () => {
  const error = new Error('the clock gave no time');
  for (const verify of [
    () => Promise.reject(error),
    () => {
      throw error;
    },
  ]) {
    const { checker: check, told, faults } = checker(verify);
    const verdict = { ok: false, code: 'guard-unavailable' };
    expect(await check.check('a@b', 'token', 'verify')).toEqual(verdict);
    expect(faults).toEqual([['verify', error]]);
    expect(told).toEqual([expect.objectContaining({ protocol: 'verify', verdict, jid: 'a@b' })]);
  }
});

it('tells the observer how many seconds a verification took', async () => {
  const verdict: Verdict = { ok: false, code: 'malformed' };
  for (const verify of [() => verdict, async () => verdict]) {
    const { checker: check, told } = checker(verify);
    const began = performance.now();
    const answer = check.check('a@b', 'token', 'verify');
    expect(answer instanceof Promise).toBe(verify() instanceof Promise);
    expect(await answer).toBe(verdict);
    const { seconds } = told[0]!;
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds * 1000).toBeLessThanOrEqual(performance.now() - began);
  }
});

it('splits the account of an accepted token from its prepared jid', () => {
  expect(accountOf('ALICE@Example.com')).toEqual({
    jid: 'alice@example.com',
    user: 'alice',
    host: 'example.com',
  });
});
