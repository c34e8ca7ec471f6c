import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for one suite, with a space in its path, which is removed when the suite ends. */
export function tempFolder(): string {
  // The real path: compilers and bundlers compare paths as text, and the temp folder is often
  // behind a link.
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'totp-token test ')));
  afterAll(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}
