/** A reader learns that `npm install totp-token` does not work before it does not work. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { DOCUMENTS } from './doctest/blocks.js';

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
// docs/releasing.md: the owner writes it before the first release.
const isReleased = 'repository' in JSON.parse(read('package.json'));
const installing = DOCUMENTS.filter((name) => /npm install (\S+ )*totp-token\b/.test(read(name)));

it('the documents show how to install the package', () => {
  expect(installing).toEqual(expect.arrayContaining(['README.md', join('docs', 'library.md')]));
});

it.each(installing)('%s says so as long as nothing is published', (name) => {
  const says = /(published on npm|nothing is published) yet/i.test(
    read(name).replaceAll(/\s+/g, ' '),
  );
  expect(says).toBe(!isReleased);
});
