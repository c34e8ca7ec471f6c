/** After a start nobody can log in for a while: the log and `/readyz` say so. */
import { describe, expect, it } from 'vitest';
import type { GuardAnswer, ReplayMark } from '../../../src/index.js';
import { waitOfGuard, waitOfMemory } from '../../../src/server/startup-wait.js';
import { basic, freshToken } from '../gateway/harness.js';
import { JID, PERIOD_MS, STEP } from '../token/reference.js';
import { started } from './server-harness.js';

/** The harness starts in the middle of step STEP - 2; a client whose clock is ahead has STEP - 1. */
const FROM = new Date((STEP - 1.5) * PERIOD_MS).toISOString();
const UNTIL = new Date(STEP * PERIOD_MS).toISOString();
const WAIT = { from: FROM, until: UNTIL, why: expect.stringContaining('start') };

describe('a gateway with its guard in memory', () => {
  it('says from when until when tokens are refused, in its log and at /readyz', async () => {
    const server = await started();
    expect(server.lines().find(({ until }) => until !== undefined)).toMatchObject({
      ...WAIT,
      level: 'warn',
      msg: 'tokens are refused as stale after this start',
    });
    const ready = async (query = '') => {
      const answer = await fetch(`${server.url}/readyz${query}`);
      return [answer.status, answer.headers.get('retry-after'), await answer.json()];
    };
    const login = async (step: number) => {
      const headers = basic(JID, freshToken(JID, step));
      return (await fetch(`${server.url}/auth`, { headers })).status;
    };

    server.clock.timeMs = STEP * PERIOD_MS - 4500;
    expect(await login(STEP - 1)).toBe(503);
    expect(await ready()).toEqual([200, null, { ready: true, startupWait: WAIT }]);
    expect(await ready('?wait')).toEqual([
      503,
      '5',
      {
        error: 'not-ready',
        detail: 'tokens from before the start are refused',
        startupWait: WAIT,
      },
    ]);

    // From the moment that was named, people can log in.
    server.clock.timeMs = STEP * PERIOD_MS;
    expect(await login(STEP)).toBe(200);
    expect(await ready()).toEqual([200, null, { ready: true }]);
    expect(await ready('?wait')).toEqual([200, null, { ready: true }]);
  });

  it('says nothing where tokens from before are accepted', async () => {
    const server = await started('[guard]\nrejectStepsBefore = "none"');
    server.clock.timeMs = (STEP - 1.5) * PERIOD_MS;
    expect(server.lines().some(({ until }) => until !== undefined)).toBe(false);
    expect(await (await fetch(`${server.url}/readyz?wait`)).json()).toEqual({ ready: true });
  });
});

it('the wait ends with the steps that a client could have used, whatever the window', () => {
  const clock = { ms: 90_000 };
  const ask = waitOfMemory(90_000, { period: 60, window: { past: 1, future: 3 } }, () => clock.ms);
  // Steps 1 to 4 could have been used by second 90.
  expect(ask()).toEqual({ fromMs: 90_000, nowMs: 90_000, untilMs: 300_000 });
  clock.ms = 300_000;
  expect(ask()).toBeUndefined();
});

describe('a guard outside the process', () => {
  const RULES = { window: { past: 2, future: 1 } };

  function asked(answers: (GuardAnswer | Error)[]) {
    const clock = { ms: 100 * 30_000 + 1 };
    const marks: ReplayMark[] = [];
    const remember = async (some: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> => {
      marks.push(...some);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('asked too often');
      if (answer instanceof Error) throw answer;
      return [answer];
    };
    return { clock, marks, ask: waitOfGuard({ remember }, RULES, () => clock.ms) };
  }

  it('is asked with a mark of the present step until it takes one, and not again', async () => {
    const { ask, marks, clock } = asked(['stale', 'fresh']);
    const wait = { fromMs: clock.ms, untilMs: 102 * 30_000 };
    expect(await ask()).toEqual({ ...wait, nowMs: clock.ms });
    expect(marks[0]).toMatchObject({
      step: 100,
      startsAtMs: 99 * 30_000,
      expiresAtMs: 103 * 30_000,
    });
    expect(await ask()).toBeUndefined();
    expect(await ask()).toBeUndefined();
    expect(marks).toHaveLength(2);
  });

  it('is believed if it refuses for longer than it should', async () => {
    const { ask, clock } = asked(['stale', 'stale']);
    const fromMs = clock.ms;
    await ask();
    clock.ms = 102 * 30_000;
    expect(await ask()).toEqual({ fromMs, nowMs: clock.ms, untilMs: 104 * 30_000 });
  });

  it('that does not answer is asked again later, and nothing is said of a wait', async () => {
    const { ask } = asked([new Error('gone'), 'unavailable', 'stale']);
    expect(await ask()).toBeUndefined();
    expect(await ask()).toBeUndefined();
    expect(await ask()).toBeDefined();
  });

  it('is asked once for all that ask at a time', async () => {
    const { ask, marks } = asked(['stale']);
    await Promise.all([ask(), ask(), ask()]);
    expect(marks).toHaveLength(1);
  });
});
