import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** The name of a folder for one store, gone when the suite ends. */
export function storeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-lmdb-'));
  made.push(folder);
  return join(folder, 'store');
}
