import type { Kind, Timing } from './rounds.js';
import { type Spread, spreadOf } from './statistics.js';

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** One line of a table of times. */
export interface Row {
  readonly name: string;
  readonly kind: Kind;
  /** Nanoseconds an item. */
  readonly ns: Spread;
  /** How many times as fast as the baseline, round by round: above 1 is faster. */
  readonly ratio: Spread;
}

/** Candidates that alternated with each other, and so may be compared. */
export interface TimesTable {
  readonly kind: 'times';
  readonly id: string;
  readonly title: string;
  /** What is counted in nanoseconds. */
  readonly item: string;
  readonly baseline: string;
  readonly rows: readonly Row[];
  readonly leftOut: readonly LeftOut[];
}

/** How one quantity moves with another, a line for each way. */
export interface CurveTable {
  readonly kind: 'curve';
  readonly id: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly { readonly name: string; readonly points: readonly Point[] }[];
}

export interface Point {
  readonly x: number;
  readonly y: Spread;
}

/** Single figures, each with its unit. */
export interface FiguresTable {
  readonly kind: 'figures';
  readonly id: string;
  readonly title: string;
  readonly figures: readonly {
    readonly name: string;
    readonly value: number;
    readonly unit: string;
  }[];
  readonly note?: string;
}

export type Table = TimesTable | CurveTable | FiguresTable;

/** A run: a file of bench/results/. */
export interface Results {
  readonly format: 1;
  readonly date: string;
  /** How long it took, in milliseconds. Older files lack it. */
  readonly tookMs?: number;
  readonly mode: 'full' | 'quick';
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly os: string;
    readonly load: readonly number[];
  };
  readonly runtime: { readonly name: string; readonly version: string; readonly engine: string };
  readonly commit: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly tables: readonly Table[];
}

/** A table of timings; `baseline` is one of them. */
export function timesTable(
  head: Pick<TimesTable, 'id' | 'title' | 'item' | 'leftOut'>,
  timings: readonly Timing[],
  baseline: string,
): TimesTable {
  const base = timings.find(({ name }) => name === baseline)?.ns ?? [];
  const rows = timings.map(({ name, kind, ns }) => ({
    name,
    kind,
    ns: spreadOf(ns),
    ratio: spreadOf(ns.map((each, round) => (base[round] ?? Number.NaN) / each)),
  }));
  return {
    kind: 'times',
    ...head,
    baseline,
    rows: rows.sort((a, b) => b.ratio.median - a.ratio.median),
  };
}
