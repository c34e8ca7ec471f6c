/**
 * docs/attacks.md gives for each attack our answer, the answer of the original, and the tests that
 * show it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';

const rows = readFileSync(join(ROOT, 'docs', 'attacks.md'), 'utf8')
  .split('\n')
  .filter(
    (line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| attack '),
  )
  .map((line) => line.slice(2, -2).split(' | '));

it.each(rows)(
  'docs/attacks.md gives both answers and tests that exist for: %s',
  (attack, ours, original, shownBy = '') => {
    for (const cell of [attack, ours, original]) expect(cell?.trim()).toMatch(/\w{2}/);
    const tests = [...shownBy.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(tests).not.toEqual([]);
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  },
);
