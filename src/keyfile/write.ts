import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { optionError, type VerifierError } from '../errors.js';
import { shownPath } from '../text/safe.js';

/** Only the owner can read and write the file. */
const MODE = 0o600;

/**
 * Writes a new file that only its owner can read.
 *
 * Without `force`, an existing file or link is not touched. With `force`, the new file replaces it
 * in one step. The file is never half written, missing or open to others, no matter which mode the
 * old one had.
 *
 * @throws {VerifierError} `ERR_OPTION`: the file exists, or cannot be written. Nothing is left
 *   behind then.
 */
export function writeSecretFile(path: string, text: string, force: boolean): void {
  const target = force ? join(dirname(path), `.totp-token-${randomUUID()}`) : path;
  let made = false;
  try {
    // O_EXCL: never writes to a file that somebody else put there first, or through a link.
    const file = openSync(target, 'wx', MODE);
    made = true;
    try {
      // The umask may have removed bits.
      fchmodSync(file, MODE);
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (force) renameSync(target, path);
  } catch (error) {
    if (made) rmSync(target, { force: true });
    throw unwritable(`--out ${shownPath(path)}`, error);
  }
}

/** Faults of the system that a user can fix, by code. */
const FAULTS: Readonly<Record<string, readonly [fault: string, fix: string]>> = {
  EEXIST: ['it exists already', 'choose another name, or name a host by --host to add it there'],
  ENOENT: ['its directory does not exist', 'make it first'],
  ENOTDIR: ['a part of its path is not a directory', 'check its name'],
  EISDIR: ['it is a directory', 'name a file in it'],
  EACCES: ['its directory may not be written to', 'check its owner and mode'],
  EPERM: ['it may not be written', 'check its owner and mode'],
  EROFS: ['it is on a read-only file system', 'choose another place'],
  ENOSPC: ['no space is left there', 'choose another place'],
  EDQUOT: ['no space is left there for this user', 'choose another place'],
  EMFILE: ['this process may open no more files', 'raise ulimit -n'],
  ENFILE: ['the system may open no more files', 'end programs that hold many open files'],
};

/** Explains from a system error why a file could not be written. `what` names the file. */
export function unwritable(what: string, error: unknown): VerifierError {
  const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
  const [fault, fix] = FAULTS[code] ?? [`it cannot be written (${code})`, 'choose another place'];
  return optionError(what, fault, fix);
}
