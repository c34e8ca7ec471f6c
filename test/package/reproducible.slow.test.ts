/** A second build, in another place, gives the same bytes. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { binary, VARIANTS } from '../../tools/lib/wasm.mjs';
import { run } from './run.js';
import { tempFolder } from './temp.js';

/** The files that the Wasm build reads, besides the compiler in node_modules. */
const SOURCES = ['tools', 'assembly', 'asconfig.json', 'package.json', 'package-lock.json'];

const built = (variant: { name: string }, root = ROOT): Buffer =>
  readFileSync(join(root, binary(variant)));

describe('the Wasm build', () => {
  const folder = tempFolder();

  /** Builds from a copy of the sources at another path, which is returned. */
  function buildIn(name: string): string {
    const root = join(folder, name);
    mkdirSync(root, { recursive: true });
    for (const source of SOURCES)
      cpSync(join(ROOT, source), join(root, source), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
    run(process.execPath, [join('tools', 'build.mjs'), '--wasm-only'], root);
    return root;
  }

  it('gives the same bytes every time, wherever the sources are', () => {
    // The build of this tree is the first time, and the other place.
    const root = buildIn(join('a longer', 'path'));
    for (const variant of VARIANTS) {
      expect(built(variant, root).equals(built(variant)), variant.name).toBe(true);
    }
  });
});

describe('the bundles', () => {
  const folder = tempFolder();

  it('are the same bytes every time, wherever the sources are', () => {
    const root = join(folder, 'a longer', 'path');
    mkdirSync(root, { recursive: true });
    for (const source of ['tools', 'src', 'tsconfig.json', 'package.json'])
      cpSync(join(ROOT, source), join(root, source), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
    const made = join(folder, 'made');
    const program = `import { makeBundles } from './tools/lib/bundle.mjs';\nawait makeBundles(process.argv[1]);`;
    run(process.execPath, ['--input-type=module', '--eval', program, made], root);
    const files = readdirSync(made, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(m?js|map|txt)$/.test(name),
    );
    const commands = readdirSync(join(ROOT, 'dist', 'cli')).map((name) => join('cli', name));
    expect(files).toEqual(
      expect.arrayContaining(['totp-token.mjs', 'THIRD-PARTY-NOTICES.txt', ...commands]),
    );
    for (const file of files) {
      const same = readFileSync(join(made, file)).equals(readFileSync(join(ROOT, 'dist', file)));
      expect(same, file).toBe(true);
    }
  });
});
