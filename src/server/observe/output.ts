import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pino, { type DestinationStream } from 'pino';

/** Text kept for a slow reader; what comes on top of it is lost, as memory must be bounded. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

/** On top of the patience of `end`: the last write is given up first. */
const SPARE_MS = 100;

/** Takes whole lines, and never waits. */
export interface LogOutput extends DestinationStream {
  /** Writes what is left. Who has not read for so long, and has no room for more, gets no more. */
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
  // pino calls it when the process ends, and it waits for a reader who may not be there.
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
