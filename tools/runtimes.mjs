// Runs the suite of cases in every runtime with times, and writes the table of docs/runtimes.md.
// Arguments go to vitest.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { program, ROOT, StepFailed } from './lib/process.mjs';
import { superviseVitest } from './lib/supervise.mjs';
import { writeRuntimesTable } from './runtimes-table.mjs';

void program(async () => {
  rmSync(join(ROOT, 'build', 'runtimes'), { recursive: true, force: true });
  const suites = ['here.test.ts', 'runtimes.slow.test.ts'].map((name) =>
    join('test', 'runtimes', name),
  );
  // Runs one after the other, because they are timed.
  const args = ['--no-file-parallelism', ...suites, ...process.argv.slice(2)];
  const code = await superviseVitest(args, { TOTP_TOKEN_TIMINGS: '1' });
  if (code !== 0) throw new StepFailed('runtimes', code);
  writeRuntimesTable();
});
