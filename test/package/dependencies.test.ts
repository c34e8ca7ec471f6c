/** docs/dependencies.md and the licences. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { bundled, devDependencies, installed, locked, nameOf, peers, read } from './parts.js';

const page = read('docs', 'dependencies.md');
const sectionOf = (title: string) => page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

const FREE = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'MIT OR Apache-2.0',
];
const BOTH_FREE = '(MIT AND BSD-3-Clause)';
const FREE_TO_BUILD_WITH = [
  ...FREE,
  BOTH_FREE,
  'MPL-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'Python-2.0',
  'CC-BY-4.0',
];

/** The older form: `licenses: [{ type }]`. */
function olderLicence(path: string): string | undefined {
  const file = join(ROOT, path, 'package.json');
  if (!existsSync(file)) return undefined;
  const { license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
  return license?.type ?? licenses?.[0]?.type;
}

describe('docs/dependencies.md', () => {
  it.each([
    ['What is installed with the package', installed],
    ['What a guard needs besides', peers],
    [
      'What is inside the package',
      // Direct dependencies. The notices list the transitive ones.
      bundled.map(nameOf).filter((name) => Object.hasOwn(devDependencies, name)),
    ],
  ])('lists each package with its licence: %s', (title, names) => {
    const rows = [...sectionOf(title).matchAll(/^\| `(.+?)` \| (.+?) \|/gm)];
    const expected = names.map((name) => [name, locked[`node_modules/${name}`]?.license]);
    expect(rows.map(([, name, licence]) => [name, licence]).sort()).toEqual(expected.sort());
  });

  it('lists each package that the sources are built and tested with', () => {
    const section = sectionOf('What the sources are built and tested with');
    const names = [...section.matchAll(/`(.+?)`/g)].map(([, name]) => name);
    const inside = [...bundled.map(nameOf), ...peers];
    const tools = Object.keys(devDependencies).filter((name) => !inside.includes(name));
    expect(names.sort()).toEqual(tools.sort());
  });
});

describe('licences', () => {
  const isPublished = (path: string) => locked[path]?.dev !== true || bundled.includes(path);

  it.each([
    ['packages that are installed with ours or inside it', true, FREE],
    ['packages that ours is built with', false, FREE_TO_BUILD_WITH],
  ])('of %s are all among the permitted ones', (_, published, allowed) => {
    const others = Object.entries(locked)
      .filter(([path]) => path !== '' && isPublished(path) === published)
      .map(([path, { license }]) => `${path}: ${license ?? olderLicence(path)}`)
      .filter((line) => !allowed.includes(line.split(': ')[1] ?? ''));
    expect(others).toEqual([]);
  });
});

it('the notices list each bundled package with its version and licence text', () => {
  const [, ...parts] = read('dist', 'THIRD-PARTY-NOTICES.txt').split(/^-{80}$/m);
  const sections = parts.flatMap((head, i) => (i % 2 === 0 ? [[head.trim(), parts[i + 1]!]] : []));
  expect(sections.map(([head]) => head)).toEqual(
    bundled
      .map((path) => [nameOf(path), locked[path]?.version, `(${locked[path]?.license})`].join(' '))
      .sort(),
  );
  const without = sections.filter(
    ([, text = '']) =>
      !/(MIT License|Permission is hereby granted|Redistribution and use|Apache License|Permission to use)/.test(
        text,
      ),
  );
  expect(without.map(([head]) => head)).toEqual([]);
});
