import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAY_IMPORT } from '../../.dependency-cruiser.mjs';
import { ROOT } from '../../tools/lib/process.mjs';

const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
const [, table = ''] = /<!-- layers: [^>]*-->\n(.*)<!-- \/layers -->/s.exec(page) ?? [];
const rows = table
  .trim()
  .split('\n')
  .slice(2)
  .map((row) => row.split('|').map((cell) => cell.trim()));
const namesIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort();

it('the docs show each folder of src/ once, with its allowed imports', () => {
  const shown = rows.map(([, folder, , allowed]) => [namesIn(folder)[0], namesIn(allowed)]);
  const rules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => [
    folder.endsWith('.ts') ? `src/${folder}` : `src/${folder}/`,
    [...allowed].sort(),
  ]);
  expect(shown).toEqual(rules.reverse());
});

it('the docs leave out no folder of src/', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(Object.keys(MAY_IMPORT)).toEqual(expect.arrayContaining(folders));
});
