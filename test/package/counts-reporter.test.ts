/** The closing lines of `npm test`: what they count, and that a runtime which did not run is neither passed nor unnamed. */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, tool } from '../../tools/lib/process.mjs';
import { tempFolder } from './temp.js';

const folder = tempFolder();
const HEAD = "import { beforeAll, describe, it } from 'vitest';\n";

function countsOf(files: Readonly<Record<string, string>>): unknown {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), HEAD + text);
  const counts = join(folder, 'counts.json');
  const reporter = join(ROOT, 'tools', 'counts-reporter.mjs');
  const { file, args } = tool('vitest', ['run', '--root', folder, `--reporter=${reporter}`]);
  spawnSync(file, args, { cwd: folder, env: { ...process.env, TOTP_TOKEN_COUNTS: counts } });
  return JSON.parse(readFileSync(counts, 'utf8'));
}

it('count what passed, failed and was left out, and name what was not run once', () => {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const notRun = "(context) => context.skip('not run: Netscape (buy it)')";
  const counts = countsOf({
    'good.test.js': `it('a', () => {}); it('b', () => {}); it('c', ${notRun}); it('d', ${notRun});`,
    'left.test.js': "it('a', (context) => context.skip('for another reason'));",
    'bad.test.js': "it('a', () => { throw new Error('no'); });",
    'hook.test.js':
      "describe('x', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); });",
    'broken.test.js': 'nothing();',
  });
  // The test behind the hook did not run, and its suite failed.
  expect(counts).toEqual({ passed: 2, failed: 3, skipped: 4, notRun: ['not run: Netscape (buy it)'] });
});
