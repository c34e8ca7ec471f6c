/**
 * docs/attacks.md gives for each attack our answer, the answer of the original, and the tests that
 * show it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';

const page = readFileSync(join(ROOT, 'docs', 'attacks.md'), 'utf8');

/** Each attack is an item whose first words are bold. Its answers stand below it. */
const attacks = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [intro = '', ...items] = section.split(/^(?=- \*\*)/m);
    return items.map((item) => {
      const [attack = '', ...answers] = item
        .split(/^ {2}- /m)
        .map((text) => text.replaceAll(/\s+/g, ' ').trim());
      const answerOf = (name: string) =>
        answers.find((each) => each.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      const original = answerOf('The original') || /The original [\s\S]*/.exec(intro)?.[0];
      return [attack, answerOf('Here'), original, answerOf('Tests')] as const;
    });
  });

it('docs/attacks.md names as many attacks as were tried', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(65);
});

it.each(attacks)(
  'docs/attacks.md gives both answers and tests that exist for: %s',
  (_, ours, original, shownBy) => {
    for (const answer of [ours, original]) expect(answer).toMatch(/\w{2}/);
    const tests = [...shownBy.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(tests).not.toEqual([]);
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  },
);
