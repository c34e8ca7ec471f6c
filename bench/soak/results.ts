import { atMost, type Goal, type Got, stated } from '../lib/goal.js';
import { FLAT, type Growth } from '../lib/growth.js';
import type { Measurement } from '../lib/measurement.js';

/** A file of bench/results/soak/. */
export interface SoakResults extends Measurement {
  readonly minutes: number;
  readonly workers: number;
  readonly asked: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Wrong acceptances, refusals for a wrong reason, and missing answers. */
  readonly wrong: number;
  readonly wrongExamples: readonly string[];
  /**
   * Valid tokens that the gateway refused as `guard-unavailable`, by its own log. Missing in older
   * files.
   */
  readonly failedClosed?: number;
  readonly latencyMs: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly most: number;
  };
  readonly steps: number;
  /** Resident memory of all processes. Older files have other fields. */
  readonly memoryMiB: Partial<Growth> & { readonly most: number };
  /** Faults of the program, by its metrics. */
  readonly faults: number;
  readonly exitCode: number;
  /** Its output there besides the greeting. */
  readonly stderr: string;
  readonly reloads: number;
}

/** Unhandled errors: faults in the metrics, output on stderr, or an exit code other than 0. */
export const unhandledOf = ({ faults, stderr, exitCode }: SoakResults): number =>
  faults + stderr.split('\n').filter((line) => line !== '').length + Number(exitCode !== 0);

/**
 * A guard in memory fills within some steps, and a heap needs time to find its size. Growth before
 * that is not a leak.
 */
const SETTLED_MINUTES = 5;

export function soakGoals(results: SoakResults): Goal[] {
  const { wrong, failedClosed, memoryMiB, latencyMs, minutes } = results;
  const growth: Got = memoryMiB.ratio ?? { missing: 'an older run, which did not compare thirds' };
  const closed: Got = failedClosed ?? { missing: 'an older run, which counted them as wrong' };
  return [
    atMost('wrong verdicts', 0, '', wrong),
    atMost('errors that nobody handled', 0, '', unhandledOf(results)),
    minutes < SETTLED_MINUTES
      ? stated(
          `memory, last third over middle third; judged from ${SETTLED_MINUTES} minutes on`,
          '×',
          growth,
        )
      : atMost('memory, last third over middle third', FLAT, '×', growth),
    stated(
      'valid tokens refused as guard-unavailable, by the gateway’s answers and count',
      '',
      closed,
    ),
    stated('an answer, 99th percentile', 'ms', latencyMs.p99),
  ];
}
