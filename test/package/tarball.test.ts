import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { packThis } from './npm.js';
import { tempFolder } from './temp.js';

/** `import x from 'y'`, without white space in esbuild's output, and not in comments. */
const PACKAGE_IMPORT = /^(?!\s*\*).*\b(?:from|import|import\()\s*["']([^."'\s][^"'\s]*)["']/gm;

/** Bytes of a file with nothing but types and their docstrings. */
const MAX_TYPES_BYTES = 10_000;

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** linters.slow.test.ts asks the linters of packages about it. */
describe('the packed package', () => {
  const tarball = packThis(tempFolder());
  const paths = tarball.files.map((file) => file.path);

  it('holds each file that package.json points at', () => {
    const targets = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values(value as object).flatMap(targets);
    for (const target of targets([manifest.exports, manifest.bin])) {
      expect(paths).toContain(target.replace(/^\.\//, ''));
    }
  });

  it('holds dist/, docs/ and the documents of the root, and no source, test or tool', () => {
    const papers = [
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
    ];
    expect(paths.filter((path) => !/^(dist|docs)\//.test(path)).sort()).toEqual(papers);
    expect(paths).toContain('docs/gateway/nginx.conf');
    expect(paths).toContain('dist/THIRD-PARTY-NOTICES.txt');
    const others = paths.filter(
      (path) => path.startsWith('dist/') && !/\.(m?js|js\.map|d\.ts|wasm)$/.test(path),
    );
    expect(others).toEqual(['dist/THIRD-PARTY-NOTICES.txt']);
  });

  it('imports nothing that is not installed with it, in code and in types', () => {
    const { dependencies, peerDependencies } = manifest;
    const known = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
    const modules = paths.filter((path) =>
      /^dist\/(?!cli\/).*(?<!standalone)\.(js|d\.ts)$/.test(path),
    );
    const foreign = modules.flatMap((path) =>
      [...readFileSync(join(ROOT, path), 'utf8').matchAll(PACKAGE_IMPORT)]
        .map(([, name = '']) => name)
        .filter((name) => !known.includes(name) && !/^(#core$|node:|cloudflare:)/.test(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(foreign).toEqual([]);
    expect(modules).toContain('dist/gateway/index.js');
  });

  it(`has no file of types of more than ${MAX_TYPES_BYTES} bytes, in which the core's would be`, () => {
    const types = tarball.files.filter(({ path }) => path.endsWith('.d.ts'));
    expect(types.length).toBeGreaterThan(20);
    expect(types.filter(({ size }) => size > MAX_TYPES_BYTES)).toEqual([]);
  });

  it('maps its bundles to the sources', () => {
    const maps = paths.filter((path) => path.endsWith('.map'));
    const sources = maps.flatMap((path) =>
      (JSON.parse(readFileSync(join(ROOT, path), 'utf8')).sources as string[]).map((source) =>
        join(path, '..', source),
      ),
    );
    expect(sources).toContain(join('src', 'server', 'run.ts'));
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
  });

  it('has an executable command that names its interpreter', () => {
    const main = tarball.files.find((file) => file.path === 'dist/cli/main.js');
    expect((main?.mode ?? 0) & 0o111).toBe(0o111);
    expect(readFileSync(join(ROOT, 'dist', 'cli', 'main.js'), 'utf8')).toMatch(
      /^#!\/usr\/bin\/env node\n/,
    );
  });
});
