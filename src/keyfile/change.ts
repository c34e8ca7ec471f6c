import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { optionError, VerifierError } from '../errors.js';
import { shownArgument, shownPath } from '../text/safe.js';
import { readSecretText, unreadable } from './small-file.js';
import { unwritable } from './write.js';

/**
 * Changes a file with secrets in one step. A reader sees either the old text or the new one. The
 * new file has the mode and the owner of the old one. If the path is a link, the link stays, and
 * the file behind it is changed.
 *
 * The new text is written to a file beside the old one. That file is also a lock against other
 * calls, like git's lock files. A change by another program between reading and writing is
 * detected.
 *
 * @param change - Returns the new text from the old one. If it throws, the file is not changed.
 * @param dryRun - Calls `change` and writes nothing.
 * @returns Warnings for the owner of the file.
 * @throws {VerifierError} `ERR_OPTION`: the file cannot be read or written, or another program
 *   changes it.
 */
export function changeSecretFile(
  path: string,
  change: (text: string) => string,
  dryRun: boolean,
): readonly string[] {
  const what = `key file ${shownPath(path)}`;
  const { target, old } = targetOf(path, what);
  if (dryRun) {
    const { text, warnings } = readSecretText(target, 'key file');
    change(text);
    return warnings;
  }
  const next = join(dirname(target), `.${basename(target)}.lock`);
  const file = openNext(next, what);
  try {
    const { text, warnings } = readSecretText(target, 'key file');
    const bytes = readFileSync(target);
    const changed = change(text);
    keepOwner(file, old, what);
    writeFileSync(file, changed);
    fsyncSync(file);
    if (statSync(target).ino !== old.ino || !readFileSync(target).equals(bytes)) {
      throw optionError(what, 'another program has changed it in the meantime', 'try again');
    }
    renameSync(next, target);
    // From here on, a file named `next` belongs to another command.
    syncFolder(dirname(target));
    return warnings;
  } catch (error) {
    rmSync(next, { force: true });
    throw isSystemError(error) ? unwritable(what, error) : error;
  } finally {
    closeSync(file);
  }
}

/** Tells errors of the system from those that `change` throws. */
const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/** Resolves links, and returns the file and its present state. */
function targetOf(path: string, what: string): { target: string; old: Stats } {
  try {
    const old = statSync(path);
    if (old.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (!old.isFile()) throw optionError(what, 'it is not a regular file', 'name one');
    return { target: realpathSync(path), old };
  } catch (error) {
    if (error instanceof VerifierError) throw error;
    const { fault, fix } = unreadable(error);
    throw optionError(what, fault, fix);
  }
}

function openNext(next: string, what: string): number {
  try {
    return openSync(next, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(what, error);
    throw optionError(
      what,
      'another command is changing it',
      `try again; if none is running, one was killed: remove ${shownArgument(next)}`,
    );
  }
}

function keepOwner(file: number, { uid, gid, mode }: Stats, what: string): void {
  if (process.platform === 'win32') return;
  try {
    // Only root can change the owner to another user. Keeping one's own user and group is allowed.
    fchownSync(file, uid, gid);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw optionError(
      what,
      `its owner and group cannot be kept (${code})`,
      'run this as its owner, or as root',
    );
  }
  fchmodSync(file, mode & 0o777);
}

/**
 * Makes the new name survive a loss of power, if the system supports that. Faults are ignored,
 * because the file has already changed. Some folders cannot be read, and some network file systems
 * cannot sync a folder.
 */
function syncFolder(folder: string): void {
  let file: number | undefined;
  try {
    file = openSync(folder, 'r');
    fsyncSync(file);
  } catch {
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
