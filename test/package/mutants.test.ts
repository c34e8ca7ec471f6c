/** The mutants of `npm run mutants` fit the current sources. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { MUTANTS } from '../../tools/mutants/all.mjs';
import { matchesOf, mutated } from '../../tools/mutants/mutant.mjs';
import { ACCEPTED } from '../../tools/mutants/operators/accepted.mjs';
import { GROUPS } from '../../tools/mutants/operators/groups.mjs';
import { type FileScore, SCORE, scoreOf } from '../../tools/mutants/operators/score.mjs';

const all = Object.values(MUTANTS).flat();

describe('every mutant', () => {
  for (const mutant of all) {
    it(`fits its file once: ${mutant.file}: ${mutant.name}`, () => {
      expect(matchesOf(mutant)).toBe(1);
      expect(mutated(mutant)).not.toContain(mutant.replace === '' ? mutant.find : '\0');
      expect(mutant.replace).not.toBe(mutant.find);
      expect(mutant.tests.filter((suite) => !existsSync(join(ROOT, suite)))).toEqual([]);
    });
  }
});

it('there are enough mutants of the core and of the TypeScript, and no name twice', () => {
  expect(all.filter(({ file }) => file.startsWith('assembly/')).length).toBeGreaterThanOrEqual(25);
  expect(all.filter(({ file }) => file.startsWith('src/')).length).toBeGreaterThanOrEqual(15);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

describe('the operator mutants', () => {
  const files = Object.values(GROUPS).flatMap((group) => group.files);
  const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
  const score: Record<string, FileScore> = JSON.parse(readFileSync(SCORE, 'utf8'));

  it('belong to existing files, each in one group', () => {
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(new Set(files).size).toBe(files.length);
    expect(Object.keys(score).filter((file) => !files.includes(file))).toEqual([]);
  });

  it.each(ACCEPTED.map((each) => [each.file, each.from, each.to, each] as const))(
    'have an accepted change that still fits, with a reason: %s: %s → %s',
    (file, _from, _to, { line, from, to, why }) => {
      const squeezed = (text: string) => text.replace(/\s+/g, '');
      const lines = textOf(file)
        .split('\n')
        .map((each) => each.trim());
      expect(lines).toContain(line);
      expect(squeezed(textOf(file))).toContain(squeezed(from));
      expect(squeezed(from)).not.toBe(squeezed(to));
      expect(why.length).toBeGreaterThan(10);
    },
  );

  it('have the score that CONTRIBUTING.md states', () => {
    expect(Object.values(score).filter(({ unexplained }) => unexplained > 0)).toEqual([]);
    expect(textOf('CONTRIBUTING.md').replace(/\s+/g, ' ')).toContain(scoreOf(Object.values(score)));
  });
});
