import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../.dev/lib/process.mjs';

interface Locked {
  readonly version?: string;
  /** A folder of this repository, linked into node_modules. */
  readonly link?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('package-lock.json', () => {
  const packages: Record<string, Locked> = JSON.parse(
    readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
  ).packages;
  const linked = Object.values(packages).flatMap(({ link, resolved = '' }) => (link ? [resolved] : []));
  const entries = Object.entries(packages).filter(
    ([path, { link }]) => path !== '' && !link && !linked.includes(path),
  );

  it('links one folder of this repository, for the tests', () => {
    expect(linked).toEqual(['test/everywhere/tools']);
  });

  it('names no registry, so that it installs from any', () => {
    expect(entries.filter(([, locked]) => locked.resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it('pins every package by its hash', () => {
    expect(
      entries.filter(([, locked]) => !locked.integrity?.startsWith('sha512-')).map(([path]) => path),
    ).toEqual([]);
  });

  // A tool's binaries are optional dependencies, one a platform. A registry that lacks one drops it from the lockfile
  // without a word, and the tool is broken on that platform only.
  it('has the binaries of every platform', () => {
    // Runtimes that tests run in: on a platform that has none, they are named as not run.
    const demanded = entries.filter(([path]) => !/^node_modules\/(bun|deno|workerd)$/.test(path));
    const missing = demanded.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });
});
