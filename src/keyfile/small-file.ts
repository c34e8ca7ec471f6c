import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** Why a file was not read, in words for the person who named it: a fault and a fix. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

export interface SmallFileOptions {
  /** A file of more bytes is refused. */
  readonly maxBytes: number;
  /** Sees the file before it is read. */
  readonly look?: (stats: Stats) => void;
  /**
   * Whether a pipe that the program was started with will do: `/dev/stdin`, or `<(…)` of a shell.
   * Default false.
   */
  readonly mayBePipe?: boolean;
}

const GIVEN_PIPE = /^\/(?:dev|proc\/(?:self|\d+))\/fd\/\d+$|^\/dev\/stdin$/;

/**
 * Reads a whole file without ever waiting for one: a named pipe would block until somebody writes
 * to it, and a device such as `/dev/zero` has no end.
 *
 * @throws {UnreadableFile} It is no regular file, is too large or cannot be read. The message does
 *   not name it.
 */
export function readSmallFile(path: string, options: SmallFileOptions): Uint8Array {
  let file: number | undefined;
  try {
    // Its writer is under way already, so waiting for a given pipe has an end.
    const isGiven = options.mayBePipe === true && GIVEN_PIPE.test(path);
    // Windows has no such flags.
    const flags = isGiven ? 0 : (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
    file = openSync(path, constants.O_RDONLY | flags);
    const stats = fstatSync(file);
    if (!stats.isFile() && !(isGiven && stats.isFIFO()))
      throw new UnreadableFile(whyNotRegular(stats));
    options.look?.(stats);
    return readUpTo(file, options.maxBytes);
  } catch (error) {
    throw error instanceof UnreadableFile ? error : new UnreadableFile(whyUnreadable(error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readUpTo(file: number, maxBytes: number): Uint8Array {
  const buffer = new Uint8Array(maxBytes + 1);
  let length = 0;
  while (length <= maxBytes) {
    const read = readSync(file, buffer, length, buffer.length - length, null);
    if (read === 0) return buffer.subarray(0, length);
    length += read;
  }
  throw new UnreadableFile(`larger than ${maxBytes} bytes; is it the right file?`);
}

function whyNotRegular(stats: Stats): string {
  if (stats.isDirectory()) return 'it is a directory; name a file in it';
  const kind = stats.isFIFO() ? 'a named pipe' : stats.isSocket() ? 'a socket' : 'a device';
  return `it is ${kind}; name a regular file`;
}

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
  const known: Record<string, string> = {
    ENOENT: 'there is no such file; check its name',
    EACCES: 'it may not be read; check its owner and mode',
    EPERM: 'it may not be read; check its owner and mode',
    EISDIR: 'it is a directory; name a file in it',
    ENOTDIR: 'a part of its path is not a directory; check its name',
    ENAMETOOLONG: 'its name is too long; check it',
    // A socket, or a device without a driver.
    ENXIO: 'it is no regular file; name one',
    ELOOP: 'its links lead nowhere; check them',
    ERR_INVALID_ARG_VALUE: 'its name has a NUL in it; check it',
  };
  return known[code] ?? `it cannot be read (${code})`;
}
