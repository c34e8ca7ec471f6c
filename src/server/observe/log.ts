import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pino, { type DestinationStream, type Logger } from 'pino';
import { VerifierError } from '../../errors.js';
import { stackPlaces } from '../../text/safe.js';
import { systemFault } from '../../text/system-error.js';

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
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    stack: stackPlaces(error)
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

/** Text kept for a slow reader; what comes on top of it is lost, as memory must be bounded. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

/** On top of the patience of `end`: the last write is given up first. */
const SPARE_MS = 100;

/** Takes whole lines, and never waits. */
export interface LogOutput extends DestinationStream {
  /** Writes what is left, and gives up after `patienceMs` if the reader makes no room for it. */
  end(patienceMs: number): Promise<void>;
}

/**
 * Lines for a file descriptor, written in one go when the process has a moment. A log that cannot
 * be written stops no login.
 *
 * A pipe must not block (Node sees to that when `process.stdout` is first looked at): a thread in a
 * write that nobody reads would keep the process from its end.
 */
export async function openLogOutput(fd: number): Promise<LogOutput> {
  let giveUpMs = Number.POSITIVE_INFINITY;
  const output = pino.destination({
    fd,
    sync: false,
    minLength: 4096,
    maxLength: MOST_UNREAD_BYTES,
    periodicFlush: 200,
    retryEAGAIN: () => performance.now() < giveUpMs,
  });
  output.on('error', () => {});
  // pino calls it when the process ends, and it waits for a reader that may not be there.
  output.flushSync = () => {};
  await once(output, 'ready');
  return {
    write(text) {
      if (giveUpMs === Number.POSITIVE_INFINITY) output.write(text);
    },
    async end(patienceMs) {
      giveUpMs = performance.now() + patienceMs;
      const ended = new AbortController();
      // Rejects when nobody reads any more.
      const written = once(output, 'close').catch(() => {});
      output.end();
      // An output that has failed before may never say that it is closed.
      const late = delay(patienceMs + SPARE_MS, undefined, { signal: ended.signal }).catch(
        () => {},
      );
      await Promise.race([written, late]);
      ended.abort();
    },
  };
}

/** Lines for a stream that may have a slow reader: what it does not take within bounds is lost. */
export function boundedOutput(stream: Writable): DestinationStream {
  return {
    write(text) {
      if (stream.writableLength + text.length <= MOST_UNREAD_BYTES) stream.write(text);
    },
  };
}

/**
 * Why something failed, for a log. Our own errors hold no secret; another's message may quote
 * anything.
 */
export const whyOf = (error: unknown): string =>
  error instanceof VerifierError
    ? error.message
    : (systemFault(error) ??
      `a fault of this program (${error instanceof Error ? error.name : typeof error})`);
