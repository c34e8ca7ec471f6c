import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { platform } from 'node:os';
import { VerifierError } from '../errors.js';
import { shownPath } from '../text/safe.js';

/** No file of keys is near this size; a wrong name (a disk, a log) is found out here. */
const MAX_BYTES = 1024 * 1024;

/** A file's text, and what its owner should hear about it. */
export interface SecretText {
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * Reads a file with secrets in it. It is a warning if others can read it as well.
 *
 * A pipe is welcome: `--keys <(pass show keys)`.
 *
 * @param what - What the file is, for messages: "key file".
 * @throws {VerifierError} `ERR_OPTION`: it cannot be read, is too large or no UTF-8.
 */
export function readSecretText(path: string, what: string): SecretText {
  let warnings: readonly string[] = [];
  const bytes = readUpTo(path, what, (stats) => {
    warnings = openToOthers(stats, what, path);
  });
  try {
    // A byte order mark, as some editors write it, is dropped here.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), warnings };
  } catch {
    throw new VerifierError('ERR_OPTION', `${what} ${shownPath(path)}: not UTF-8 text; save it as UTF-8`);
  }
}

/** The warning that others than its owner can open a file with secrets in it, if they can. */
export function openToOthers(stats: Stats, what: string, path: string): readonly string[] {
  const mode = stats.mode & 0o777;
  if (platform() === 'win32' || !stats.isFile() || (mode & 0o077) === 0) return [];
  const name = shownPath(path);
  return [`${what} ${name} is open to others (mode ${octal(mode)}); run: chmod 600 ${name}`];
}

function readUpTo(path: string, what: string, look: (stats: Stats) => void): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    look(fstatSync(file));
    const buffer = new Uint8Array(MAX_BYTES + 1);
    let length = 0;
    while (length <= MAX_BYTES) {
      const read = readSync(file, buffer, length, buffer.length - length, null);
      if (read === 0) return buffer.subarray(0, length);
      length += read;
    }
  } catch (error) {
    throw new VerifierError('ERR_OPTION', `${what} ${shownPath(path)}: ${whyUnreadable(error)}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
  throw new VerifierError(
    'ERR_OPTION',
    `${what} ${shownPath(path)}: larger than ${MAX_BYTES} bytes; is it the right file?`,
  );
}

const octal = (mode: number) => mode.toString(8).padStart(4, '0');

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
    ERR_INVALID_ARG_VALUE: 'its name has a NUL in it; check it',
  };
  return known[code] ?? `it cannot be read (${code})`;
}
