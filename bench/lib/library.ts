import { freshCopy } from './fresh.js';

/** The public interface of totp-token. */
export type Library = typeof import('../../src/index.js');

export type Verifier = Awaited<ReturnType<Library['createVerifier']>>;

/** Loads a separate copy of the measured library. */
export async function freshLibrary(): Promise<Library> {
  return freshCopy('library')('index');
}
