import { once } from 'node:events';
import type { Writable } from 'node:stream';
import pino, { type DestinationStream } from 'pino';

/** Text kept for a slow reader; what comes on top of it is lost, as memory must be bounded. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

/** Takes whole lines, and never waits. */
export interface LogOutput extends DestinationStream {
  /** Writes what is left, for so long at most: whoever should read it may never do so. */
  end(withinMs: number): Promise<void>;
}

/**
 * Lines for a file descriptor, written in one go when the process has a moment. A log that cannot be written stops no login.
 *
 * A pipe must not block (Node sets that for `process.stdout` when it is first looked at): a thread in a write that nobody
 * reads would keep the process from its end.
 */
export async function openLogOutput(fd: number): Promise<LogOutput> {
  const output = pino.destination({
    fd,
    sync: false,
    minLength: 4096,
    maxLength: MOST_UNREAD_BYTES,
    periodicFlush: 200,
  });
  output.on('error', () => {});
  await once(output, 'ready');
  let isEnding = false;
  return {
    write(text) {
      if (!isEnding) output.write(text);
    },
    async end(withinMs) {
      isEnding = true;
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), withinMs);
      // Not flushSync(): it waits for a reader that may not be there. Rejects at an error or the deadline.
      const written = once(output, 'close', { signal: deadline.signal }).catch(() => {});
      output.end();
      await written;
      clearTimeout(timer);
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
