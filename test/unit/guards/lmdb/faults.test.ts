/** What goes wrong with a disk, and that nothing is accepted twice or without a record. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../../../tools/lib/process.mjs';
import { fromDebian } from '../../../../tools/testbed/programs.js';
import { storeFolder } from './folder.js';

const FOLDER = join(ROOT, 'test', 'unit', 'guards', 'lmdb');
const PAGE = 4096;
const MARKS = 5000;

interface Said {
  readonly fresh?: number;
  readonly code?: string;
  readonly message?: string;
}

/** What a process says before it ends; nothing if the library ends it. */
async function saidBy<T>(child: ChildProcess): Promise<T | undefined> {
  let said: T | undefined;
  child.on('message', (message) => {
    said = message as T;
  });
  await once(child, 'exit');
  return said;
}

const useStore = (path: string) =>
  saidBy<Said>(
    fork(join(FOLDER, 'store-process.mjs'), [path, String(MARKS)], { execArgv: [], silent: true }),
  );

it('a full disk makes the guard unavailable, loses nothing, and recovers when there is room', async () => {
  // No file of this process may grow beyond 2 MiB: to LMDB that is a disk without room.
  const program = [process.execPath, join(FOLDER, 'full-disk.mjs'), storeFolder()];
  const child = spawn(
    fromDebian('bash', 'bash'),
    ['-c', 'ulimit -f 2048; exec "$@"', 'bash', ...program],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const closed = once(child, 'close');
  const said = await saidBy<{
    kept: number;
    again: string[];
    failures: string[];
    told: string[];
    after: string[];
  }>(child);
  expect(said?.kept).toBeGreaterThan(10_000);
  expect(said?.failures).toEqual([expect.stringMatching(/^lmdb .*make room on the disk$/)]);
  expect(said?.told).toEqual(said?.failures);
  expect(said?.again).toEqual(['replayed']);
  expect(said?.after).toEqual(['fresh']);
  // The library would print each commit that failed.
  await closed;
  expect(printed).toBe('');
});

it('a truncated file does not open, and the error says the fix', async () => {
  const path = storeFolder();
  expect(await useStore(path)).toEqual({ fresh: MARKS });
  expect(await useStore(path)).toEqual({ fresh: 0 });
  truncateSync(join(path, 'data.mdb'), 20 * PAGE);
  expect(await useStore(path)).toMatchObject({
    code: 'ERR_STORE_FAILED',
    message: expect.stringMatching(
      /cut short; move the folder away.*rejectStepsBefore: 'creation'/,
    ),
  });
});

it('overwritten pages make the guard accept nothing', async () => {
  const path = storeFolder();
  await useStore(path);
  const file = join(path, 'data.mdb');
  const bytes = readFileSync(file);
  // All but the two that hold the roots. LMDB has no checksums: it stops where it finds nonsense,
  // if need be the process.
  bytes.fill(0xa5, 2 * PAGE);
  writeFileSync(file, bytes);
  const said = await useStore(path);
  expect(said?.fresh ?? 0).toBe(0);
});
