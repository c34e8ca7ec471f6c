/**
 * The cases that must pass in every runtime, without a test runner and without modules of Node:
 * each runtime gets them as one file.
 */
import { batch } from './batch.js';
import type { Case, Here } from './check.js';
import { errors } from './errors.js';
import { guard } from './guard.js';
import { issuing } from './issuing.js';
import { mac } from './mac.js';
import { otp } from './otp.js';
import { pool } from './pool.js';
import { timings } from './timings.js';
import { tokens } from './tokens.js';
import { verdicts } from './verdicts.js';

export const CASES: readonly Case[] = [
  ...mac,
  ...otp,
  ...tokens,
  ...verdicts,
  ...batch,
  ...guard,
  ...issuing,
  ...errors,
  ...pool,
];

/** The report of a runtime. */
export interface Report {
  readonly passed: number;
  /** The cases that failed, with their errors: "name: message". */
  readonly failures: readonly string[];
  /** Nanoseconds a token; absent where they were not asked for. */
  readonly timings?: Timings;
}

export interface Timings {
  readonly verifyNs: number;
  readonly batchNs: number;
  readonly webCryptoNs: number;
}

/** Runs every case, one after the other. */
export async function runSuite({
  timed = false,
  ...here
}: Here & { readonly timed?: boolean }): Promise<Report> {
  const failures: string[] = [];
  for (const { name, run } of CASES) {
    try {
      await run(here);
    } catch (error) {
      failures.push(`${name}: ${error}`);
    }
  }
  const report = { passed: CASES.length - failures.length, failures };
  return timed ? { ...report, timings: await timings() } : report;
}
