import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pino, { type DestinationStream, type Logger } from 'pino';
import { VerifierError } from '../../errors.js';
import { stackPlaces } from '../../text/safe.js';
import { systemFault } from '../../text/system-error.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Creates a log of JSON lines with RFC 3339 times. */
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
 * An error for the log: its kind and the places it passed. The message is left out: it may quote
 * the input, which may be a token.
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

/** Lets a number of lines through each second, and counts the rest. */
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

  /**
   * Returns how many lines were dropped since the last one that passed, or undefined if this line
   * is dropped.
   */
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

/** How much text is kept for a slow reader. More is lost, because memory must be bounded. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

/** Added to the patience of `end`, so that the last write is given up first. */
const SPARE_MS = 100;

/** Takes whole lines without waiting. */
export interface LogOutput extends DestinationStream {
  /**
   * Writes the remaining lines. Gives up after `patienceMs` milliseconds if the reader takes none.
   */
  end(patienceMs: number): Promise<void>;
}

/**
 * Opens an output for a file descriptor. Lines are collected and written together, so that the log
 * does not slow a verification. Logins go on even if the log cannot be written.
 *
 * A pipe must not block. A thread in a write that nobody reads would keep the process from ending.
 * Node makes it non-blocking when `process.stdout` is first read.
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
  // pino calls this when the process ends. It would wait for a reader that may be gone.
  output.flushSync = () => {};
  await once(output, 'ready');
  return {
    write(text) {
      if (giveUpMs === Number.POSITIVE_INFINITY) output.write(text);
    },
    async end(patienceMs) {
      giveUpMs = performance.now() + patienceMs;
      const ended = new AbortController();
      // Rejects if the reader has gone away.
      const written = once(output, 'close').catch(() => {});
      output.end();
      // An output that has failed before may never emit `close`.
      const late = delay(patienceMs + SPARE_MS, undefined, { signal: ended.signal }).catch(
        () => {},
      );
      await Promise.race([written, late]);
      ended.abort();
    },
  };
}

/** Writes lines to a stream that may have a slow reader. Lines beyond a bound are dropped. */
export function boundedOutput(stream: Writable): DestinationStream {
  return {
    write(text) {
      if (stream.writableLength + text.length <= MOST_UNREAD_BYTES) stream.write(text);
    },
  };
}

/**
 * The reason of a failure, for a log. Only messages of our own errors are shown, because they hold
 * no secrets. Other messages may quote anything.
 */
export const whyOf = (error: unknown): string =>
  error instanceof VerifierError
    ? error.message
    : (systemFault(error) ??
      `a fault of this program (${error instanceof Error ? error.name : typeof error})`);
