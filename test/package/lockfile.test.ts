import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const RUNTIMES = 'test/runtimes/npm';

describe.each(['.', RUNTIMES, 'test/package/jest'])('package-lock.json in %s', (folder) => {
  const packages: Record<string, Locked> = JSON.parse(
    readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8'),
  ).packages;
  const entries = Object.entries(packages).filter(([path]) => path !== '');

  it('names no registry, so that it installs from any', () => {
    expect(
      entries.filter(([, locked]) => locked.resolved !== undefined).map(([path]) => path),
    ).toEqual([]);
  });

  it('pins every package by its hash', () => {
    expect(
      entries
        .filter(([, locked]) => !locked.integrity?.startsWith('sha512-'))
        .map(([path]) => path),
    ).toEqual([]);
  });

  // A tool's binaries are optional dependencies, one a platform. A registry that lacks one drops it
  // from the lockfile without a word, and the tool is broken on that platform only. A runtime that
  // is missing is named by its test.
  if (folder === RUNTIMES) return;
  it('lists the binaries of every platform', () => {
    const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });
});
