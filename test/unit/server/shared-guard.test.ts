/** Readiness of a guard outside the process: what is known of it is not too old. */
import { describe, expect, it } from 'vitest';
import type { GuardAnswer, ReplayMark } from '../../../src/index.js';
import { SharedGuard } from '../../../src/server/shared-guard.js';
import { markOf } from '../guards/marks.js';
import { PERIOD_MS, STEP } from '../token/reference.js';

/** A guard that answers as it is told, watched on a clock that a case moves. */
function watched() {
  const state: {
    answer: GuardAnswer | Error;
    elapsedMs: number;
    calls: (readonly ReplayMark[])[];
  } = {
    answer: 'fresh',
    elapsedMs: 0,
    calls: [],
  };
  const inner = {
    remember: async (marks: readonly ReplayMark[]) => {
      state.calls.push(marks);
      if (state.answer instanceof Error) throw state.answer;
      return marks.map(() => state.answer as GuardAnswer);
    },
  };
  const guard = new SharedGuard(
    inner,
    () => STEP * PERIOD_MS,
    30,
    () => state.elapsedMs,
  );
  return { state, guard };
}

describe('SharedGuard.isAnswering', () => {
  it('asks a guard that was never asked, once for all callers at the same time', async () => {
    const { state, guard } = watched();
    expect(await Promise.all([1, 2, 3].map(() => guard.isAnswering()))).toEqual([true, true, true]);
    expect(state.calls).toHaveLength(1);
    expect(state.calls[0]?.[0]).toMatchObject({ step: STEP, expiresAtMs: (STEP + 2) * PERIOD_MS });
  });

  it('trusts an answer for five seconds, then asks again', async () => {
    const { state, guard } = watched();
    await guard.isAnswering();
    state.answer = new Error('gone');
    state.elapsedMs = 4999;
    expect(await guard.isAnswering()).toBe(true);
    state.elapsedMs = 5000;
    expect(await guard.isAnswering()).toBe(false);
    state.answer = 'fresh';
    expect(await guard.isAnswering()).toBe(true);
    expect(state.calls).toHaveLength(3);
  });

  it('is false as soon as a token could not be remembered, and true after any answer', async () => {
    const { state, guard } = watched();
    await guard.isAnswering();
    const mark = markOf('abcdefghij+/Az09', STEP);
    state.answer = 'unavailable';
    await guard.remember([mark]);
    expect(await guard.isAnswering()).toBe(false);
    // A store that was made just now.
    state.answer = 'stale';
    expect(await guard.isAnswering()).toBe(true);
  });
});
