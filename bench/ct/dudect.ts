/**
 * Tests whether two classes of input take the same time: dudect, Reparaz, Balasch and Verbauwhede,
 * "Dude, is my code constant time?", DATE 2017. Measures both classes in random order. Computes
 * Welch's t over all measurements, over those below each of a hundred percentiles (slow ones are
 * noise), and over their squared distance from the mean.
 */
import { Running, welchT } from './welch.js';

/** The subject of a measurement. */
export interface Measured {
  /** How many inputs there are of each class. */
  readonly inputs: number;
  /**
   * Puts an input of class 0 or 1 where `run` finds it: always in the same place, or in a fresh
   * one. Not timed.
   */
  prepare(of: 0 | 1, index: number): void;
  /**
   * The timed work. Returns how many inputs were accepted, which must be 0. The result keeps an
   * engine from dropping the work.
   */
  run(): number;
}

export interface Outcome {
  /** How many measurements count. */
  readonly samples: number;
  /** The mean of a measurement in nanoseconds, by class. */
  readonly meanNs: readonly [number, number];
  /** Welch's t over all measurements. */
  readonly t: number;
  /** The largest |t| of all tests, and the test that has it. */
  readonly maxT: number;
  readonly test: string;
}

const ROUND = 20_000;
const PERCENTILES = 100;
/** As in dudect, a test of fewer measurements does not count. */
const ENOUGH = 10_000;

/** The formula of the paper's program. It is dense where measurements are fast. */
const percentile = (i: number) => 1 - 0.5 ** ((10 * (i + 1)) / PERCENTILES);

type Pair = readonly [Running, Running];
const pair = (): Pair => [new Running(), new Running()];

export function dudect(measured: Measured, samples: number): Outcome {
  const classes = new Uint8Array(ROUND);
  const times = new Float64Array(ROUND);
  // The engine compiles during these rounds. The last one also determines the crops.
  for (let i = 0; i < 5; i++) measureRound(measured, classes, times);
  const sorted = times.toSorted();
  const crops = Array.from(
    { length: PERCENTILES },
    (_, i) => sorted[Math.floor(ROUND * percentile(i))]!,
  );

  const all = pair();
  const cropped = crops.map(pair);
  const squared = pair();
  let centre: number | undefined;
  for (let done = 0; done < samples; done += ROUND) {
    measureRound(measured, classes, times);
    for (let i = 0; i < ROUND; i++) {
      const of = classes[i] as 0 | 1;
      const ns = times[i]!;
      all[of].add(ns);
      for (let c = PERCENTILES - 1; c >= 0 && ns < crops[c]!; c--) cropped[c]![of].add(ns);
      if (centre !== undefined) squared[of].add((ns - centre) ** 2);
    }
    centre ??= (all[0].mean + all[1].mean) / 2;
  }

  const tests: [string, Pair][] = [
    ['all', all],
    ...cropped.map((each, i): [string, Pair] => [
      `fastest ${(percentile(i) * 100).toFixed(1)} %`,
      each,
    ]),
    ['second order', squared],
  ];
  const [test, maxT] = tests
    .filter(([, [a, b]]) => a.count + b.count >= ENOUGH && a.count > 1 && b.count > 1)
    .map(([name, [a, b]]): [string, number] => [name, Math.abs(welchT(a, b))])
    .reduce((most, each) => (each[1] > most[1] ? each : most));
  return {
    samples: all[0].count + all[1].count,
    meanNs: [all[0].mean, all[1].mean],
    t: welchT(...all),
    maxT,
    test,
  };
}

/** Measures random inputs of random classes. */
function measureRound(measured: Measured, classes: Uint8Array, times: Float64Array): void {
  for (let i = 0; i < ROUND; i++) classes[i] = Math.random() < 0.5 ? 0 : 1;
  let looked = 0;
  for (let i = 0; i < ROUND; i++) {
    const of = classes[i] as 0 | 1;
    measured.prepare(of, Math.floor(Math.random() * measured.inputs));
    const began = performance.now();
    looked += measured.run();
    times[i] = (performance.now() - began) * 1e6;
  }
  if (looked !== 0) throw new Error(`${looked} inputs were taken for right`);
}
