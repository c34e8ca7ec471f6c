import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { platform } from 'node:os';
import { basename } from 'node:path';
import { optionError } from '../errors.js';
import { shownArgument, shownPath } from '../text/safe.js';

/** Why a file was not read, for the user who named it. The message does not name the file. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';

  constructor(
    readonly fault: string,
    readonly fix: string,
  ) {
    super(`${fault}; ${fix}`);
  }
}

export interface SmallFileOptions {
  /**
   * A file with more bytes is refused. Default 1 MiB. Files of keys, certificates or settings are
   * much smaller, so this finds a wrong name, such as a disk or a log.
   */
  readonly maxBytes?: number;
  /** Called with the file's state before it is read. */
  readonly look?: (stats: Stats) => void;
  /**
   * Whether a pipe that the program was started with is accepted: `/dev/stdin`, or `<(…)` of a
   * shell. Default false.
   */
  readonly mayBePipe?: boolean;
}

const MAX_BYTES = 1024 * 1024;

const GIVEN_PIPE = /^\/(?:dev|proc\/(?:self|\d+))\/fd\/\d+$|^\/dev\/stdin$/;

/**
 * Reads a whole file without waiting. A named pipe would block until somebody writes to it, and a
 * device such as `/dev/zero` has no end.
 *
 * @throws {UnreadableFile} It is not a regular file, is too large or cannot be read.
 */
export function readSmallFile(path: string, options: SmallFileOptions = {}): Uint8Array {
  let file: number | undefined;
  try {
    // The writer of a given pipe is already running, so waiting for it ends.
    const isGiven = options.mayBePipe === true && GIVEN_PIPE.test(path);
    // Windows has no such flags.
    const flags = isGiven ? 0 : (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
    file = openSync(path, constants.O_RDONLY | flags);
    const stats = fstatSync(file);
    if (!stats.isFile() && !(isGiven && stats.isFIFO())) throw notRegular(stats);
    options.look?.(stats);
    return readUpTo(file, options.maxBytes ?? MAX_BYTES);
  } catch (error) {
    throw error instanceof UnreadableFile ? error : unreadable(error);
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
  throw new UnreadableFile(`larger than ${maxBytes} bytes`, 'is it the right file?');
}

function notRegular(stats: Stats): UnreadableFile {
  if (stats.isDirectory()) return unreadable({ code: 'EISDIR' });
  const kind = stats.isFIFO() ? 'a named pipe' : stats.isSocket() ? 'a socket' : 'a device';
  return new UnreadableFile(`it is ${kind}`, 'name a regular file');
}

/** Faults of the system that a user can fix, by code. */
const FAULTS: Readonly<Record<string, readonly [fault: string, fix: string]>> = {
  ENOENT: ['there is no such file', 'check its name'],
  EACCES: ['it may not be read', 'check its owner and mode'],
  EPERM: ['it may not be read', 'check its owner and mode'],
  EISDIR: ['it is a directory', 'name a file in it'],
  ENOTDIR: ['a part of its path is not a directory', 'check its name'],
  ENAMETOOLONG: ['its name is too long', 'check it'],
  // A socket, or a device without a driver.
  ENXIO: ['it is not a regular file', 'name one'],
  ELOOP: ['its links lead nowhere', 'check them'],
  ERR_INVALID_ARG_VALUE: ['its name has a NUL in it', 'check it'],
};

/** Explains from a system error why a file could not be read. */
export function unreadable(error: unknown): UnreadableFile {
  const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
  const known = FAULTS[code] ?? [`it cannot be read (${code})`, 'check its name, owner and mode'];
  return new UnreadableFile(...known);
}

/**
 * Reads a file like `readSmallFile`, as text. Drops a byte order mark, which some editors write.
 *
 * @throws {UnreadableFile} It cannot be read, or is not UTF-8.
 */
export function readSmallText(path: string, options: SmallFileOptions = {}): string {
  const bytes = readSmallFile(path, options);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableFile('not UTF-8 text', 'save it as UTF-8');
  }
}

/** A file's text, and warnings for its owner. */
export interface SecretText {
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * Reads a file with secrets. Returns a warning if other users can read it too.
 *
 * A pipe of the shell works: `--keys <(pass show keys)`. A named pipe is refused, because perhaps
 * nobody ever writes to it.
 *
 * @param what - The kind of file, for messages: "key file".
 * @throws {VerifierError} `ERR_OPTION`: the file cannot be read, is too large or is not UTF-8.
 */
export function readSecretText(path: string, what: string): SecretText {
  const warnings: string[] = [];
  try {
    const text = readSmallText(path, {
      mayBePipe: true,
      look: (stats) => warnings.push(...openToOthers(stats, what, path)),
    });
    return { text, warnings };
  } catch (error) {
    const { fault, fix } = error as UnreadableFile;
    if (isLikelySecret(path)) {
      throw optionError(what, 'it looks like a key where the name of a file belongs', FILE_FIX);
    }
    throw optionError(`${what} ${shownPath(path)}`, fault, fix);
  }
}

const FILE_FIX =
  'put the key into a file, and name that: totp-token keygen --out keys.json makes one';

/** Whether the name of a missing file may be a misplaced key. */
const isLikelySecret = (path: string): boolean => /^[\w+=-]{24,}$/.test(basename(path));

/** Returns a warning if users other than the owner can open a file with secrets. */
export function openToOthers(stats: Stats, what: string, path: string): readonly string[] {
  const mode = stats.mode & 0o777;
  if (platform() === 'win32' || !stats.isFile() || (mode & 0o077) === 0) return [];
  const name = shownPath(path);
  const octal = mode.toString(8).padStart(4, '0');
  return [
    `${what} ${name} is open to others (mode ${octal}); run: chmod 600 ${shownArgument(path)}`,
  ];
}
