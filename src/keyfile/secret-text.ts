import type { Stats } from 'node:fs';
import { platform } from 'node:os';
import { VerifierError } from '../errors.js';
import { shownPath } from '../text/safe.js';
import { readSmallFile, type UnreadableFile } from './small-file.js';

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
 * A pipe of the shell works: `--keys <(pass show keys)`. A named pipe is refused: perhaps nobody
 * ever writes to it.
 *
 * @param what - What the file is, for messages: "key file".
 * @throws {VerifierError} `ERR_OPTION`: it cannot be read, is too large or no UTF-8.
 */
export function readSecretText(path: string, what: string): SecretText {
  let warnings: readonly string[] = [];
  let bytes: Uint8Array;
  try {
    bytes = readSmallFile(path, {
      maxBytes: MAX_BYTES,
      mayBePipe: true,
      look: (stats) => {
        warnings = openToOthers(stats, what, path);
      },
    });
  } catch (error) {
    const why = (error as UnreadableFile).message;
    throw new VerifierError('ERR_OPTION', `${what} ${shownPath(path)}: ${why}`);
  }
  try {
    // A byte order mark, as some editors write it, is dropped here.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), warnings };
  } catch {
    throw new VerifierError(
      'ERR_OPTION',
      `${what} ${shownPath(path)}: not UTF-8 text; save it as UTF-8`,
    );
  }
}

/** The warning that others than its owner can open a file with secrets in it, if they can. */
export function openToOthers(stats: Stats, what: string, path: string): readonly string[] {
  const mode = stats.mode & 0o777;
  if (platform() === 'win32' || !stats.isFile() || (mode & 0o077) === 0) return [];
  const name = shownPath(path);
  return [`${what} ${name} is open to others (mode ${octal(mode)}); run: chmod 600 ${name}`];
}

const octal = (mode: number) => mode.toString(8).padStart(4, '0');
