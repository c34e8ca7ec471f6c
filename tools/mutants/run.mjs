// Puts one fault after the other into a copy of this repository, and looks whether the tests
// notice.
//
//   node tools/mutants/run.mjs [words of a mutant's name or group]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { ROOT } from '../lib/process.mjs';

/**
 * What the copy does without: it has the packages by a link, and the rest by no tests that run
 * here.
 */
const LEFT_OUT = new Set([
  'node_modules',
  '.git',
  'coverage',
  join('build', 'runtimes'),
  join('build', 'bench'),
]);

const copy = mkdtempSync(join(tmpdir(), 'totp-token-mutants-'));
try {
  cpSync(ROOT, copy, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(relative(ROOT, path).split('/').join(sep)),
  });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  // In the copy `ROOT` is the copy: nothing that happens there can touch the sources.
  const work = join(copy, 'tools', 'mutants', 'in-copy.mjs');
  const { status } = spawnSync(process.execPath, [work, ...process.argv.slice(2)], {
    cwd: copy,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
}
