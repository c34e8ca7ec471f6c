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

/** Read and written by the owner, by nobody else. */
const MODE = 0o600;

/**
 * Writes a new file that only its owner can read.
 *
 * Without `force` a file (or a link) of that name is left alone. With it, the name changes over to
 * the new file in one step: at no moment is it half written, missing or open to others, whatever
 * mode the old one had.
 *
 * @throws {VerifierError} `ERR_OPTION`: it exists, or cannot be written; nothing is left behind
 *   then.
 */
export function writeSecretFile(path: string, text: string, force: boolean): void {
  const target = force ? join(dirname(path), `.totp-token-${randomUUID()}`) : path;
  let made = false;
  try {
    // O_EXCL: a file that someone else put there first, or a link to elsewhere, is never written
    // to.
    const file = openSync(target, 'wx', MODE);
    made = true;
    try {
      // The umask may have taken bits away.
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

/** The faults of the system that a person can mend, by their code, with the fix. */
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
  ENFILE: ['the system may open no more files', 'end what holds so many'],
};

/** Why a file could not be written, from the error of the system. `what` names the file. */
export function unwritable(what: string, error: unknown): VerifierError {
  const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
  const [fault, fix] = FAULTS[code] ?? [`it cannot be written (${code})`, 'choose another place'];
  return optionError(what, fault, fix);
}
