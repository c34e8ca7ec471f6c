import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { VerifierError } from '../../errors.js';

export type Environment = RootDatabase<unknown, string>;
export type Records = Database<unknown, number>;
export type Marks = Database<Uint8Array, Uint8Array>;

const FILE = 'data.mdb';
/**
 * The magic number in the first page, after a header of 16 or 24 bytes, in the machine's byte
 * order.
 */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = [16, 24];
const IS_LITTLE_ENDIAN = endianness() === 'LE';

/**
 * Opens the folder's LMDB environment. Each commit is on the disk before it is answered.
 *
 * @throws {VerifierError} `ERR_STORE_FAILED` if the folder or its file cannot be used.
 *   `ERR_ENGINE_UNAVAILABLE` if the package `lmdb` is missing.
 */
export async function openEnvironment(path: string, databases: number): Promise<Environment> {
  const { open } = await library();
  let environment: Environment;
  try {
    makeFolder(resolve(path));
    checkHeader(path);
    environment = open({
      path,
      noSubdir: false,
      maxDbs: databases,
      // A commit resolves only when it is on the disk, so nobody reads data that a crash could
      // undo.
      overlappingSync: false,
      // With it, a failed commit would also reject a promise that nobody catches.
      eventTurnBatching: false,
    });
  } catch (error) {
    throw storeError(path, error);
  }
  silence(environment);
  // Killed processes leave entries in the table of readers. This removes them.
  environment.readerCheck();
  try {
    checkLength(path, environment);
  } catch (error) {
    await environment.close();
    throw error;
  }
  return environment;
}

/** The internals of the library that are used below. */
interface Inside {
  readonly env?: { startWriting?: (at: unknown, onStatus: (status: number) => unknown) => unknown };
}

/** 0: written, 1: resumed, 2: the transactions may run. All others are errors. */
const isError = (status: number): boolean => status < 0 || status > 2;

/**
 * Keeps the library from writing to stderr. When a commit fails, for example on a full disk, the
 * library rejects the commit and also prints the error. It has no option against that. It prints
 * within one synchronous call, during which nothing else runs.
 */
function silence(environment: Environment): void {
  const { env } = environment as Inside;
  const startWriting = env?.startWriting;
  if (env === undefined || startWriting === undefined) return;
  const value: typeof startWriting = (at, onStatus) =>
    startWriting.call(env, at, (status) => {
      if (!isError(status)) return onStatus(status);
      const { error } = console;
      console.error = () => {};
      try {
        return onStatus(status);
      } finally {
        console.error = error;
      }
    });
  // The property is read-only in its class, so it cannot be assigned.
  Object.defineProperty(env, 'startWriting', { value });
}

/**
 * Makes each parent folder itself. Where no folder can be made, as in /proc, mkdir with `recursive`
 * never ends.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made the folder first.
    if (!existsSync(path)) throw error;
  }
}

/** Refuses a file that is not LMDB's. It would crash the process within the library. */
function checkHeader(path: string): void {
  const file = join(path, FILE);
  if (!existsSync(file) || statSync(file).size === 0) return;
  const header = new DataView(new ArrayBuffer(28));
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, header.byteLength, 0);
  } finally {
    closeSync(descriptor);
  }
  const isLmdb = MAGIC_AT.some((at) => header.getUint32(at, IS_LITTLE_ENDIAN) === MAGIC);
  if (!isLmdb) throw new Error(`${FILE} is not an LMDB file`);
}

/**
 * Refuses a truncated file. LMDB maps the file, and reading past its end would crash the process.
 */
function checkLength(path: string, environment: Environment): void {
  const { lastPageNumber, pageSize } = environment.getStats() as {
    lastPageNumber: number;
    pageSize: number;
  };
  if (fileBytes(path) < (lastPageNumber + 1) * pageSize)
    throw storeError(path, new Error(`${FILE} is cut short`));
}

/** Size of the folder's file. */
export const fileBytes = (path: string): number => statSync(join(path, FILE)).size;

/** An `ERR_STORE_FAILED` that names a fix for the usual faults. */
export function storeError(path: string, cause: unknown): VerifierError {
  const said = cause instanceof Error ? cause.message : 'unknown';
  const fix =
    FIXES.find(([pattern]) => pattern.test(said))?.[1] ?? 'see the disk and the log of the system';
  return new VerifierError('ERR_STORE_FAILED', `lmdb ${path}: ${said}; ${fix}`, { cause });
}

const MOVE_AWAY = "move the folder away, and open a new one with rejectStepsBefore: 'creation'";
const FIXES: readonly (readonly [RegExp, string])[] = [
  [/EACCES|Permission denied/i, 'let this user read and write it'],
  [/EROFS|Read-only/i, 'name a folder that can be written to'],
  [/ENOTDIR|EEXIST|Not a directory/i, 'name a folder, not a file'],
  [/ENOENT/, 'name a folder that can be made'],
  [/ENOSPC|No space|Input\/output|MAP_FULL/i, 'make room on the disk'],
  [
    /cut short|another version|INVALID|not an LMDB|CORRUPTED|VERSION_MISMATCH|PAGE_NOTFOUND|PANIC/i,
    MOVE_AWAY,
  ],
];

async function library(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb');
  } catch (cause) {
    throw new VerifierError(
      'ERR_ENGINE_UNAVAILABLE',
      'lmdb cannot be loaded; run npm install lmdb@3',
      { cause },
    );
  }
}
