import type { Results, Row, TimesTable } from '../lib/results.js';
import { NATIVE } from '../native/name.js';
import { USUAL } from '../peers/usual.js';

/** The workloads in words, by the id of the table that measures them. */
export const WORKLOADS: Readonly<Record<string, string>> = {
  'jid-17': 'Verify a valid token, 17-byte name',
  'jid-15': 'Verify a valid token, 15-byte name',
  'jid-mixed': 'Verify valid tokens, names of 5 to 40 bytes',
  'jid-60': 'Verify a valid token, 60-byte name',
  'refused-wrong-otp': 'Refuse a token with a wrong OTP',
  'refused-bad-signature': 'Refuse a token with a forged signature',
  'refused-replayed': 'Refuse a replayed token',
  'hmac-57': 'Compute HMAC-SHA-256 of 57 bytes',
  'hmac-72': 'Compute HMAC-SHA-256 of 72 bytes',
  totp: 'Verify TOTP codes of one time step',
  'totp-steps': 'Verify TOTP codes, each of another time step',
};

/** The table whose figures open the report. */
export const MAIN_WORKLOAD = 'jid-17';

/** The ways to call the library, in the order of the report. */
export const WAYS = [
  'one call',
  'batch of strings',
  'batch of bytes',
  'key held',
  'seed held',
  'seed given each time',
] as const;

export type Way = (typeof WAYS)[number];

const WAY_PATTERNS: readonly (readonly [RegExp, Way])[] = [
  [/one call/, 'one call'],
  [/batches of .*, strings/, 'batch of strings'],
  [/batches of .*, bytes/, 'batch of bytes'],
  [/createHmac\(\)/, 'key held'],
  [/createTotp\(\)/, 'seed held'],
  [/verifyTotp/, 'seed given each time'],
];

/** The way in which a row calls this library. */
export const wayOf = (name: string): Way | undefined =>
  WAY_PATTERNS.find(([pattern]) => pattern.test(name))?.[1];

const FUNCTIONS: readonly (readonly [RegExp, string])[] = [
  [/^totp-token, one call.*/, 'totp-token verify'],
  [/^totp-token, batches of ([\d,]+), strings/, 'totp-token verifyBatch of $1 tokens'],
  [/^totp-token, batches of ([\d,]+), bytes/, 'totp-token verifyLines of $1 tokens'],
];

/** A row's name in words, with the function that a program calls. */
export function nameInWords(name: string): string {
  if (name === NATIVE) return 'C with SHA instructions';
  const found = FUNCTIONS.find(([pattern]) => pattern.test(name));
  return found === undefined ? name : name.replace(...found);
}

/** The form that most programs use, if the rows have it. */
export const usualOf = (rows: readonly Row[]): Row | undefined =>
  USUAL.map((name) => rows.find((row) => row.name === name)).find((row) => row !== undefined);

/** The rows of a table that the report names in words. */
export interface Compared {
  /** The best row of each way to call the library. */
  readonly ours: ReadonlyMap<Way, Row>;
  /** The quickest peer, with which the ratios compare. */
  readonly quickest: Row;
  /** The form that most programs use, if it was measured. */
  readonly usual: Row | undefined;
}

/** Looks a workload up in a run. Undefined if the run did not measure it. */
export function comparedIn(run: Pick<Results, 'tables'>, id: string): Compared | undefined {
  const table = timesOf(run, id);
  const quickest = table?.rows.find(({ name }) => name === table.baseline);
  if (table === undefined || quickest === undefined) return undefined;
  const ours = new Map<Way, Row>();
  for (const row of table.rows) {
    const way = row.kind === 'ours' ? wayOf(row.name) : undefined;
    // Rows are sorted, the quickest first.
    if (way !== undefined && !ours.has(way)) ours.set(way, row);
  }
  return { ours, quickest, usual: usualOf(table.rows) };
}

/** A table of times by its id. */
export const timesOf = ({ tables }: Pick<Results, 'tables'>, id: string): TimesTable | undefined =>
  tables.find((table): table is TimesTable => table.kind === 'times' && table.id === id);

/** Nanoseconds, whole, with thousands separated. */
export const nsText = ({ ns }: Row): string => `${Math.round(ns.median).toLocaleString('en')} ns`;

/** How many times as fast one row is as another. */
export const timesAsFast = (row: Row, other: Row): number => row.ratio.median / other.ratio.median;
