import pino, { type DestinationStream, type Logger } from 'pino';
import { VerifierError } from '../../errors.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines, RFC 3339 times. Written in one go when the process has a moment: a log must not slow
 * a verification.
 */
export function createLog(
  level: LogLevel,
  destination: DestinationStream,
  worker?: number,
): Logger {
  return pino(
    {
      level,
      base: { name: 'totp-token', ...(worker === undefined ? {} : { worker }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: errorFields },
    },
    destination,
  );
}

/**
 * An error for the log: its kind and the places it passed. Its message stays out where it is not
 * ours, since it may quote what it failed on, and that may be a token.
 */
export function errorFields(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    stack: places
      .slice(0, 8)
      .map((line) => line.trim())
      .join(' | '),
  };
}

/** Lets through so many lines a second, and counts the rest. */
export class Throttle {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #secondStartMs = Number.NEGATIVE_INFINITY;
  #passed = 0;
  #dropped = 0;

  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** How many were dropped since the last that passed; undefined when this one is dropped. */
  pass(): number | undefined {
    const nowMs = this.#nowMs();
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#passed = 0;
    }
    if (this.#passed >= this.#perSecond) {
      this.#dropped++;
      return undefined;
    }
    this.#passed++;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}

/**
 * Why something failed, for a log. Our own errors hold no secret; another's message may quote
 * anything.
 */
export const whyOf = (error: unknown): string =>
  error instanceof VerifierError
    ? error.message
    : `a fault of this program (${error instanceof Error ? error.name : typeof error})`;
