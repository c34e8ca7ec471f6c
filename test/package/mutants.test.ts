/** The mutants of `npm run mutants` fit the sources as they are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../.dev/lib/process.mjs';
import { MUTANTS } from '../../.dev/mutants/all.mjs';
import { matchesOf, mutated } from '../../.dev/mutants/mutant.mjs';

const all = Object.values(MUTANTS).flat();

describe('every mutant', () => {
  for (const mutant of all) {
    it(`${mutant.file}: ${mutant.name}`, () => {
      expect(matchesOf(mutant)).toBe(1);
      expect(mutated(mutant)).not.toContain(mutant.replace === '' ? mutant.find : '\0');
      expect(mutant.replace).not.toBe(mutant.find);
      expect(mutant.tests.filter((suite) => !existsSync(join(ROOT, suite)))).toEqual([]);
    });
  }
});

it('there are enough of the core and of the TypeScript, no two with one name', () => {
  expect(all.filter(({ file }) => file.startsWith('assembly/')).length).toBeGreaterThanOrEqual(25);
  expect(all.filter(({ file }) => file.startsWith('src/')).length).toBeGreaterThanOrEqual(15);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});
