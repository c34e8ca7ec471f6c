/**
 * The report of a run of vitest: its counts, and tests for programs that this machine lacks, which
 * neither pass nor stay unnamed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT, tool } from '../../tools/lib/process.mjs';
import type { Outcome } from '../../tools/reporter.mjs';
import { tempFolder } from './temp.js';

const NOT_RUN = join(ROOT, 'tools', 'testbed', 'not-run.ts');
const HEAD = `import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { notRun } from ${JSON.stringify(NOT_RUN)};\n`;
const MISSING = "notRun('Netscape', 'buy it');";

const folder = tempFolder();
beforeAll(() => {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const config = {
    test: { runner: join(ROOT, 'tools', 'testbed', 'runner.ts'), include: ['*.test.js'] },
  };
  writeFileSync(join(folder, 'vitest.config.js'), `export default ${JSON.stringify(config)};`);
});

/** Runs these suites alone. */
function run(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), HEAD + text);
  const counts = join(folder, 'counts.json');
  const reporter = join(ROOT, 'tools', 'reporter.mjs');
  const { file, args } = tool('vitest', [
    'run',
    '--root',
    folder,
    `--reporter=${reporter}`,
    ...Object.keys(files),
  ]);
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      CI: '',
      TOTP_TOKEN_WITHOUT: 'netscape',
      ...env,
      TOTP_TOKEN_COUNTS: counts,
    },
  });
  const { slowest: _, ...outcome } = JSON.parse(readFileSync(counts, 'utf8')) as Outcome;
  return { status, outcome, text: stdout + stderr };
}

describe('a report of a run', { timeout: 120_000 }, () => {
  it('counts each failure of a test, of a hook and of a file that does not load', () => {
    const { status, outcome, text } = run({
      'good.test.js': "it('a', () => {}); it('b', () => {});",
      'left.test.js': "it('a', (context) => context.skip('for another reason'));",
      'bad.test.js': "it('adds', () => { expect(1 + 1).toBe(3); }); it('c', () => {});",
      'hook.test.js':
        "describe('x', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); });",
      'broken.test.js': 'nothing();',
    });
    // The test after the hook did not run, and its suite failed.
    expect(outcome).toEqual({ passed: 3, failed: 3, skipped: 2, notRun: {} });
    expect(status).toBe(1);
    // One line for each file, and each failure with the expected value.
    expect(text).toContain('✓ good.test.js (2 passed)');
    expect(text).toContain('✗ bad.test.js (1 passed, 1 failed)');
    expect(text).toMatch(/expected 2 to be 3/);
  });

  const lacking = {
    'test.test.js': `it('a', () => { ${MISSING} }); it('b', () => {});`,
    'each.test.js': `beforeEach(() => { ${MISSING} }); afterEach(() => { missing.stop(); }); it('a', () => {});`,
    'suite.test.js': `describe('x', () => {
      let server;
      beforeAll(() => { ${MISSING} });
      afterAll(() => { server.stop(); });
      it('a', () => {});
      describe('y', () => { it('b', () => {}); it('c', () => {}); });
    });
    it('d', () => {});`,
  };

  it('skips tests for a missing program, counts them under its name, and passes', () => {
    const { status, outcome } = run(lacking);
    const notRun = { 'not run: Netscape (buy it)': 5 };
    expect({ status, ...outcome }).toEqual({ status: 0, passed: 2, failed: 0, skipped: 5, notRun });
  });

  it('fails for a missing program where CI is set', () => {
    const { status, outcome, text } = run(lacking, { CI: 'true' });
    expect({ status, ...outcome }).toMatchObject({ status: 1, passed: 2, failed: 3, notRun: {} });
    expect(text).toContain('Netscape is missing: buy it');
  });
});
