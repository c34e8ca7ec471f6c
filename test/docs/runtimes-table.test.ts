/** The table of docs/runtimes.md fits the suite. `npm run runtimes` writes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { RUNTIMES } from '../runtimes/kinds/index.js';
import { CASES } from '../runtimes/suite/index.js';

const page = readFileSync(join(ROOT, 'docs', 'runtimes.md'), 'utf8');
const table = /<!-- runtimes: .*?-->\n([\s\S]*?)<!-- \/runtimes -->/.exec(page)?.[1] ?? '';
const rows = table
  .trim()
  .split('\n')
  .slice(2)
  .map((row) => row.split('|').map((cell) => cell.trim()));

it('the table names every runtime of the suite', () => {
  expect(rows.map(([, name]) => name)).toEqual(RUNTIMES.map(({ name }) => name));
});

it('the table says that each runtime passed all cases of the suite', () => {
  const all = `${CASES.length} of ${CASES.length}`;
  expect(rows.map(([, name, , passed]) => [name, passed])).toEqual(
    RUNTIMES.map(({ name }) => [name, all]),
  );
});
