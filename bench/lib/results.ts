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
  /** How many times as fast as the table's baseline, round by round: above 1 is faster. */
  readonly ratio: Spread;
}

/** Candidates that alternated with each other, and so may be compared. */
export interface TimesTable {
  readonly kind: 'times';
  readonly id: string;
  readonly title: string;
  /** What is counted in nanoseconds. */
  readonly item: string;
  /** The row that the ratios compare with: the quickest peer, or one thread in the table of threads. */
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

/**
 * A table of timings, quickest first.
 *
 * @param baseline - The candidate to compare with. Default: the quickest peer.
 */
export function timesTable(
  head: Pick<TimesTable, 'id' | 'title' | 'item' | 'leftOut'>,
  timings: readonly Timing[],
  baseline = quickestPeer(timings),
): TimesTable {
  const base = timings.find(({ name }) => name === baseline)?.ns ?? [];
  const rows = timings.map(
    ({ name, kind, ns }): Row => ({
      name,
      kind: name === baseline ? 'baseline' : kind,
      ns: spreadOf(ns),
      ratio: spreadOf(ratios(base, ns)),
    }),
  );
  return { kind: 'times', ...head, baseline, rows: rows.sort(byRatio) };
}

/**
 * The same table with the quickest peer as its baseline, for results that were saved with another
 * one. A ratio is then the quotient of two medians, no longer the median of quotients.
 */
export function againstQuickest(table: TimesTable): TimesTable {
  const quickest = table.id === THREADS ? undefined : table.rows.filter(isPeer).sort(byRatio)[0];
  if (quickest === undefined || quickest.name === table.baseline) return table;
  const by = quickest.ratio.median;
  const rows = table.rows.map((row): Row => {
    const { median, p25, p75 } = row.ratio;
    const kind = row.kind === 'baseline' ? 'peer' : row.kind;
    return {
      ...row,
      kind: row === quickest ? 'baseline' : kind,
      ratio: { median: median / by, p25: p25 / by, p75: p75 / by },
    };
  });
  return { ...table, baseline: quickest.name, rows };
}

/** The table that compares threads with one thread, and not with a peer. */
export const THREADS = 'threads';

/** Whether a row is of another project, and not this library or the C program. */
export const isPeer = ({ kind }: Pick<Row, 'kind'>): boolean =>
  kind === 'peer' || kind === 'baseline';

/** The quickest by ratios of the same rounds, which a busy moment of the machine leaves alone. */
function quickestPeer(timings: readonly Timing[]): string {
  const peers = timings.filter(isPeer);
  const median = ({ ns }: Timing) => spreadOf(ratios(peers[0]!.ns, ns)).median;
  return peers.toSorted((a, b) => median(b) - median(a))[0]?.name ?? '';
}

/** How many times as fast each round was as the same round of `base`. */
const ratios = (base: readonly number[], ns: readonly number[]): number[] =>
  ns.map((each, round) => (base[round] ?? Number.NaN) / each);

const byRatio = (a: Row, b: Row): number => b.ratio.median - a.ratio.median;
