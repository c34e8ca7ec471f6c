import type { Command } from 'commander';
import { looksLikeSeconds } from '../check.js';
import type { Context } from './context.js';

/**
 * What every command's file exports: the command, which calls `done` with its exit code when it has
 * run.
 */
export type CommandDefinition = (context: Context, done: (code: ExitCode) => void) => Command;

/** A parser for an option that is a whole number. It never quotes what it got. */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(
      `${option}: not a number that fits; write a whole number from ${min} to ${max}`,
    );
  };
}

export const AT_FLAGS = '--at <time>';
export const AT_HELP = 'the time instead of now: ISO 8601 with a zone, or milliseconds since 1970';

/**
 * A date, or a date and a time with its zone: without one, the answer would depend on the machine.
 * Hours end at 23:59 and minutes at 59 seconds: an instant has one spelling, and POSIX time knows
 * no leap seconds.
 */
const ISO =
  /^(?<day>\d{4}-\d\d-\d\d)(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/** Parses the argument of `--at` to milliseconds since 1970-01-01T00:00:00Z. */
export function parseInstant(text: string): number {
  const timeMs = /^\d{1,15}$/.test(text) ? Number(text) : isoInstant(text);
  if (looksLikeSeconds(timeMs)) {
    throw new UsageError(
      `--at: ${timeMs} ms are ${new Date(timeMs).toISOString()}, which looks like seconds; multiply by 1000`,
    );
  }
  if (timeMs >= 0) return timeMs;
  throw new UsageError(
    '--at: not a time; write it as 2026-01-31T12:00:00Z, or as milliseconds since 1970-01-01T00:00:00Z',
  );
}

/** NaN if the text is no instant. */
function isoInstant(text: string): number {
  const day = ISO.exec(text)?.groups?.day;
  if (day === undefined) return Number.NaN;
  // Date.parse takes 30 February for 2 March.
  const midnight = Date.parse(day);
  const isInCalendar = midnight >= 0 && new Date(midnight).toISOString().startsWith(day);
  return isInCalendar ? Date.parse(text) : Number.NaN;
}

/** The clock of a command: stopped at `--at`, or the machine's. */
export function clockOf(context: Context, at: number | undefined): () => number {
  return at === undefined ? context.now : () => at;
}

/** What the process ends with. Scripts rely on these numbers. */
export const EXIT = {
  /** Done; of `verify` and `totp --check`: everything was accepted. */
  ok: 0,
  /** At least one token or code was rejected. */
  rejected: 1,
  /**
   * The arguments, the keys, a file or the environment are not usable: nothing can be said about a
   * token.
   */
  unusable: 2,
  /** A fault of this program. */
  internal: 70,
  /**
   * The reader of the output went away, as `| head` does: 128 + SIGPIPE, what a shell shows for
   * other programs.
   */
  brokenPipe: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Something the person at the keyboard can put right. Ends the program with `EXIT.unusable` and the
 * message alone.
 *
 * The message says what is wrong and what to write. It quotes no value that could be a secret or a
 * token.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
