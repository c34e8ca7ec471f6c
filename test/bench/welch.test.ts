import { describe, expect, it } from 'vitest';
import { dudect, type Measured } from '../../bench/ct/dudect.js';
import { Running, welchT } from '../../bench/ct/welch.js';

function runningOf(values: readonly number[]): Running {
  const running = new Running();
  for (const value of values) running.add(value);
  return running;
}

describe("Welch's t", () => {
  // Student 1908, as in R: t.test(extra ~ group, data = sleep) says t = -1.8608, means 0.75 and
  // 2.33.
  const first = runningOf([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]);
  const second = runningOf([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);

  it("equals the value of R for Student's sleep data", () => {
    expect(first.mean).toBeCloseTo(0.75, 12);
    expect(second.mean).toBeCloseTo(2.33, 12);
    expect(welchT(first, second)).toBeCloseTo(-1.8608, 4);
    expect(welchT(second, first)).toBeCloseTo(1.8608, 4);
  });

  it('is 0 for a sample and itself, even without variance', () => {
    expect(welchT(first, first)).toBe(0);
    expect(welchT(runningOf([1, 1]), runningOf([1, 1]))).toBe(0);
  });

  it('keeps its precision far from zero', () => {
    const far = (values: readonly number[]) => runningOf(values.map((value) => value + 1e9));
    expect(far([4, 7, 13, 16]).variance).toBeCloseTo(30, 6);
  });
});

describe('dudect', () => {
  /**
   * Its clock is the processor's, so the test compares counts and no times.
   */
  it('measures as often as it is told to, and checks every answer', () => {
    let [prepared, ran] = [0, 0];
    const seen = new Set<string>();
    const measured: Measured = {
      inputs: 3,
      prepare: (of, index) => {
        prepared++;
        seen.add(`${of} ${index}`);
      },
      run: () => {
        ran++;
        return 0;
      },
    };
    const { samples } = dudect(measured, 40_000);
    expect(samples).toBe(40_000);
    expect(ran).toBe(prepared);
    expect(ran).toBeGreaterThan(samples);
    expect(seen.size).toBe(6);
    expect(() => dudect({ ...measured, run: () => 1 }, 1)).toThrow('taken for right');
  });
});
