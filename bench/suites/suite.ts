import type { Table } from '../lib/results.js';

/** The length of a run, and other settings of its parts. */
export interface Plan {
  readonly isQuick: boolean;
  /** How long the rounds of a table run, in milliseconds. */
  readonly budgetMs: number;
  readonly minRounds: number;
  /** @param share - How much of this part is done, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** A part of the benchmark. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Left out of a quick run, unless it is asked for by its name. */
  readonly isForFullRuns?: boolean;
  run(plan: Plan): Promise<readonly Table[]>;
}

/**
 * The length of a slow candidate's turn. So short that many turns are not interrupted by another
 * process.
 */
export const TURN_MS = 2;

/** How many rounds of warming up a table gets: in a quick run half as many as in a full one. */
export const warmUp = ({ isQuick }: Plan, rounds: number): number =>
  isQuick ? Math.ceil(rounds / 2) : rounds;
