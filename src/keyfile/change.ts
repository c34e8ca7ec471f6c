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
 * Changes a file with secrets in it, in one step: a reader sees the old text or the new one, and
 * the new file has the mode and the owner of the old one. A link stays, and its file is changed.
 *
 * The new text is written to a file beside the old one, which also keeps other calls away: the
 * protocol of git's lock files. A change by another program between reading and writing is noticed.
 *
 * @param change - The new text, from the old one. What it throws leaves the file as it was.
 * @param dryRun - Calls `change` and writes nothing.
 * @returns What the owner of the file should hear.
 * @throws {VerifierError} `ERR_OPTION`: it cannot be read or written, or somebody else changes it.
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
      throw optionError(what, 'another program has changed it meanwhile', 'try again');
    }
    renameSync(next, target);
    // From here on `next` is another command's file, if there is one.
    syncFolder(dirname(target));
    return warnings;
  } catch (error) {
    rmSync(next, { force: true });
    throw isSystemError(error) ? unwritable(what, error) : error;
  } finally {
    closeSync(file);
  }
}

/** What `change` throws is its caller's. */
const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/** The file behind the links, and what it is now. */
function targetOf(path: string, what: string): { target: string; old: Stats } {
  try {
    const old = statSync(path);
    if (old.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (!old.isFile()) throw optionError(what, 'it is no regular file', 'name one');
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
    // Only root can give a file away. For one's own file and group this is allowed.
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
 * Makes the new name outlive a loss of power, where the system can do that. The file has changed by
 * then, so nothing here is a failure of the change: some folders cannot be read, and some network
 * file systems do not synchronize one.
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
