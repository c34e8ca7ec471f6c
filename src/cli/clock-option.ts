import { type Context, warn } from './context.js';
import { UsageError } from './usage-error.js';

export const AT_FLAGS = '--at <time>';
export const AT_HELP = 'the time instead of now: ISO 8601 with a zone, or milliseconds since 1970';

/** A date, or a date and a time with its zone: without one, the answer would depend on the machine. */
const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;
/** Milliseconds up to here are 1970 to 1973; seconds, taken for milliseconds, end up there. */
const LIKELY_SECONDS = 1e11;

/** Parses the argument of `--at` to milliseconds since 1970-01-01T00:00:00Z. */
export function parseInstant(text: string): number {
  const timeMs = /^\d{1,15}$/.test(text) ? Number(text) : ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (timeMs >= 0) return timeMs;
  throw new UsageError(
    '--at: not a time; write it as 2026-01-31T12:00:00Z, or as milliseconds since 1970-01-01T00:00:00Z',
  );
}

/** The clock of a command: stopped at `--at`, or the machine's. */
export function clockOf(context: Context, at: number | undefined): () => number {
  if (at === undefined) return context.now;
  if (at >= 1e9 && at < LIKELY_SECONDS) {
    warn(context, `--at counts milliseconds: this is ${new Date(at).toISOString()}; were seconds meant?`);
  }
  return () => at;
}
