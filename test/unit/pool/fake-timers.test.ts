/** Programs that fake the time in their tests: what was made before knows the faked time. */
import timers from 'node:timers';
import { afterEach, expect, it, vi } from 'vitest';
import {
  createGuardedVerifier,
  createIssuer,
  createTotp,
  createVerifier,
  type ReplayMark,
  totp,
} from '../../../dist/index.js';
import { createVerifierPool } from '../../../dist/pool/index.js';
import { hosts } from './setup.js';

afterEach(() => void vi.useRealTimers());

const JID = 'alice@example.com';
const THEN = Date.UTC(2031, 4, 6, 7, 8, 9);
const replay = { capacity: 100 };
/** No default clock of a verifier is handed in: this is about `Date.now`. */
const guard = {
  remember: async (marks: readonly ReplayMark[]) => marks.map(() => 'fresh' as const),
};

it('issuers, verifiers, pools and TOTP that were made before follow the time that a test sets', async () => {
  const issuer = await createIssuer({ hosts });
  const verifier = await createVerifier({ hosts, replay });
  const guarded = await createGuardedVerifier({ hosts, replay, guard });
  const pool = await createVerifierPool({ hosts, replay, threads: 1 });
  const code = createTotp({ secret: hosts['example.com'].otpSeed });

  // All that vitest fakes by default: the pool and the guarded verifier go on.
  vi.useFakeTimers({ now: THEN });
  const token = issuer.issue(JID);
  const step = Math.floor(THEN / 30_000);
  const accepted = { ok: true, code: 'accepted', step, drift: 0, keyIndex: 0 };
  expect(verifier.verify(JID, token)).toEqual(accepted);
  expect(await guarded.verify(JID, token)).toEqual(accepted);
  expect((await pool.verifyBatch([JID], [token])).at(0)).toEqual(accepted);
  expect(code.generate()).toBe(code.generate(THEN));
  expect(totp({ secret: hosts['example.com'].otpSeed })).toBe(code.generate(THEN));

  vi.setSystemTime(THEN + 60_000);
  expect(verifier.verify(JID, issuer.issue(JID))).toMatchObject({ step: step + 2 });
  expect(verifier.verify(JID, token).code).toBe('wrong-otp');
  await pool.close();
});

it('a guarded verifier that waits for its guard is let go by the faked time', async () => {
  vi.useFakeTimers({ now: THEN });
  const never = { remember: () => new Promise<never>(() => {}) };
  const verifier = await createGuardedVerifier({ hosts, replay, guard: never });
  const issuer = await createIssuer({ hosts });
  const verdict = verifier.verify(JID, issuer.issue(JID));
  await vi.advanceTimersByTimeAsync(2000);
  expect((await verdict).code).toBe('guard-unavailable');
});

it('a pool that is at work when the time is faked ends its real timer', async () => {
  const pool = await createVerifierPool({ hosts, replay, threads: 1 });
  const { setInterval, clearInterval } = timers;
  const running = new Set<unknown>();
  try {
    timers.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const timer = setInterval(...args);
      running.add(timer);
      return timer;
    }) as typeof setInterval;
    timers.clearInterval = (timer) => {
      running.delete(timer);
      clearInterval(timer);
    };
    const working = pool.verifyBatch([JID], ['x']);
    expect(running.size).toBe(1);
    // A fake knows no real timer.
    timers.clearInterval = () => {};
    await working;
    expect(running.size).toBe(0);
  } finally {
    Object.assign(timers, { setInterval, clearInterval });
  }
  await pool.close();
});
