import type { Consumer } from '../lib/consumer.js';
import type { Report } from '../suite/index.js';

/** A runtime that is here. */
export interface Found {
  readonly version: string;
  run(consumer: Consumer, timed: boolean): Promise<Report>;
  /** Ends a process that the runs share, if there is one. */
  close?(): Promise<void>;
}

/** A runtime that the package is for. */
export interface Runtime {
  readonly name: string;
  /** How to install the runtime if it is not found. */
  readonly advice: string;
  find(): Promise<Found | undefined>;
}

/**
 * A program that runs the suite and prints its report as the last line. Only the work that it waits
 * for keeps it alive.
 */
export const program = (timed: boolean): string => `import { runSuite } from './suite.js';
console.log(JSON.stringify(await runSuite({ timed: ${timed}, hasThreads: true })));
`;

export const reportOf = (stdout: string): Report =>
  JSON.parse(stdout.trim().split('\n').at(-1) ?? '');

/** The first thing in a program's output that looks like a version. */
export const versionIn = (text: string): string => /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown';
