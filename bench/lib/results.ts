import type { Kind, Timing } from './rounds.js';
import { type Spread, spreadOf } from './statistics.js';

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** One row of a table of times. */
export interface Row {
  readonly name: string;
  readonly kind: Kind;
  /** Nanoseconds for each item. */
  readonly ns: Spread;
  /** How many times as fast as the table's baseline, round by round: above 1 is faster. */
  readonly ratio: Spread;
}

/** Candidates that were measured in turn, and so can be compared. */
export interface TimesTable {
  readonly kind: 'times';
  readonly id: string;
  readonly title: string;
  /** The item that takes the nanoseconds. */
  readonly item: string;
  /** The row that the ratios compare with: the quickest peer, or one thread in the table of threads. */
  readonly baseline: string;
  readonly rows: readonly Row[];
  readonly leftOut: readonly LeftOut[];
}

/** How one quantity depends on another, with one line for each way. */
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

/** The results of a run: a file of bench/results/. */
export interface Results {
  readonly format: 1;
  readonly date: string;
  /** How long it took, in milliseconds. Missing in older files. */
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
 * Makes a table of timings, with the quickest first.
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
 * Returns the same table with the quickest peer as the baseline, for results that were saved with
 * another baseline. A ratio is then the quotient of two medians, and not the median of quotients.
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

/** Whether a row belongs to another project, and not to this library or the C program. */
export const isPeer = ({ kind }: Pick<Row, 'kind'>): boolean =>
  kind === 'peer' || kind === 'baseline';

/**
 * The quickest peer by ratios of the same rounds, which a busy moment of the machine does not
 * affect.
 */
function quickestPeer(timings: readonly Timing[]): string {
  const peers = timings.filter(isPeer);
  const median = ({ ns }: Timing) => spreadOf(ratios(peers[0]!.ns, ns)).median;
  return peers.toSorted((a, b) => median(b) - median(a))[0]?.name ?? '';
}

/** How many times as fast each round was as the same round of `base`. */
const ratios = (base: readonly number[], ns: readonly number[]): number[] =>
  ns.map((each, round) => (base[round] ?? Number.NaN) / each);

const byRatio = (a: Row, b: Row): number => b.ratio.median - a.ratio.median;
