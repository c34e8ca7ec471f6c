/** docs/dependencies.md, the licences, and the bill of materials. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';
import { run } from './run.js';

const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
  read('package.json'),
) as Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>;
const installed = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)];
const page = read('docs', 'dependencies.md');
const sectionOf = (title: string) => page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

interface Locked {
  readonly dev?: boolean;
  readonly license?: string;
}
const locked: Record<string, Locked> = JSON.parse(read('package-lock.json')).packages;

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
  it('lists each package that is installed with this one, with its licence', () => {
    const rows = [
      ...sectionOf('What is installed with the package').matchAll(/^\| `(.+?)` \| (.+?) \|/gm),
    ];
    const expected = installed.map((name) => [name, locked[`node_modules/${name}`]?.license]);
    expect(rows.map(([, name, licence]) => [name, licence]).sort()).toEqual(expected.sort());
  });

  it('lists each package that the sources are built and tested with', () => {
    const section = sectionOf('What the sources are built and tested with');
    const names = [...section.matchAll(/`(.+?)`/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(Object.keys(devDependencies).sort());
  });
});

describe('licences', () => {
  it.each([
    ['what is installed with the package', false, FREE],
    ['what it is built with', true, FREE_TO_BUILD_WITH],
  ])('of %s are known', (_, isDev, allowed) => {
    const others = Object.entries(locked)
      .filter(([path, { dev = false }]) => path !== '' && dev === isDev)
      .map(([path, { license }]) => `${path}: ${license ?? olderLicence(path)}`)
      .filter((line) => !allowed.includes(line.split(': ')[1] ?? ''));
    expect(others).toEqual([]);
  });
});

it('npm run sbom prints a bill of materials with all that is installed', () => {
  const { file, args, shell } = npm(['run', '--silent', 'sbom']);
  const sbom = JSON.parse(run(file, args, ROOT, shell)) as {
    bomFormat: string;
    components: { name: string; properties: { name: string }[] }[];
  };
  expect(sbom.bomFormat).toBe('CycloneDX');
  const isForDevelopment = (name: string) =>
    sbom.components
      .find((component) => component.name === name)
      ?.properties.some((property) => property.name === 'cdx:npm:package:development');
  expect(installed.filter((name) => isForDevelopment(name) !== false)).toEqual([]);
  expect(isForDevelopment('vitest')).toBe(true);
});
