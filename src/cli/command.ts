import type { Command } from 'commander';
import { looksLikeSeconds } from '../check.js';
import type { Context } from './context.js';

/**
 * The export of every command's file: makes the command, which calls `done` with its exit code when
 * it has run.
 */
export type CommandDefinition = (context: Context, done: (code: ExitCode) => void) => Command;

/**
 * Returns a parser for an option that takes a whole number. Its error never quotes the argument.
 */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(
      `${option}: not a number in the range; write a whole number from ${min} to ${max}`,
    );
  };
}

export const AT_FLAGS = '--at <time>';
export const AT_HELP = 'the time instead of now: ISO 8601 with a zone, or milliseconds since 1970';

/**
 * A date, or a date and a time with its zone. Without a zone, the result would depend on the
 * machine. Hours go up to 23 and seconds to 59: each instant has one spelling, and POSIX time has
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

/** Parses an instant. NaN if the text is not one. */
function isoInstant(text: string): number {
  const day = ISO.exec(text)?.groups?.day;
  if (day === undefined) return Number.NaN;
  // Date.parse reads 30 February as 2 March.
  const midnight = Date.parse(day);
  const isInCalendar = midnight >= 0 && new Date(midnight).toISOString().startsWith(day);
  return isInCalendar ? Date.parse(text) : Number.NaN;
}

/** The clock of a command: fixed at `--at`, or the machine's. */
export function clockOf(context: Context, at: number | undefined): () => number {
  return at === undefined ? context.now : () => at;
}

/** The exit codes. Scripts rely on these numbers. */
export const EXIT = {
  /** Done. For `verify` and `totp --check`: everything was accepted. */
  ok: 0,
  /** At least one token or code was rejected. */
  rejected: 1,
  /** The arguments, the keys, a file or the environment cannot be used. No token was judged. */
  unusable: 2,
  /** A fault of this program. */
  internal: 70,
  /**
   * The reader of the output went away, as `| head` does: 128 + SIGPIPE, as a shell shows it for
   * other programs.
   */
  brokenPipe: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * A fault that the user can correct. The program ends with `EXIT.unusable` and prints only the
 * message.
 *
 * The message says what is wrong and what to write. It quotes no value that could be a secret or a
 * token.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
