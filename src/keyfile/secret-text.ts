import type { Stats } from 'node:fs';
import { platform } from 'node:os';
import { type Context, warn } from '../cli/context.js';
import { UsageError } from '../cli/usage-error.js';
import { shownPath } from '../text/safe.js';
import { readSmallFile, type UnreadableFile } from './small-file.js';

/** No file of keys is near this size; a wrong name (a disk, a log) is found out here. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a file with secrets in it, and warns if others can read it as well.
 *
 * A pipe of the shell is welcome: `--keys <(pass show keys)`. A named pipe is not: nobody may ever write to it.
 *
 * @param what - What the file is, for messages: "key file".
 * @throws {UsageError} It cannot be read, is too large or no UTF-8.
 */
export function readSecretText(context: Context, path: string, what: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readSmallFile(path, {
      maxBytes: MAX_BYTES,
      look: (stats) => warnIfOpen(context, stats, what, path),
      mayBePipe: true,
    });
  } catch (error) {
    throw new UsageError(`${what} ${shownPath(path)}: ${(error as UnreadableFile).message}`);
  }
  try {
    // A byte order mark, as some editors write it, is dropped here.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${what} ${shownPath(path)}: not UTF-8 text; save it as UTF-8`);
  }
}

/** Warns if others than its owner can open a file with secrets in it. */
export function warnIfOpen(context: Context, stats: Stats, what: string, path: string): void {
  const mode = stats.mode & 0o777;
  if (platform() === 'win32' || !stats.isFile() || (mode & 0o077) === 0) return;
  warn(
    context,
    `${what} ${shownPath(path)} is open to others (mode ${octal(mode)}); run: chmod 600 ${shownPath(path)}`,
  );
}

const octal = (mode: number) => mode.toString(8).padStart(4, '0');
