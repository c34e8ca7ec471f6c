import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../.dev/lib/process.mjs';
import { run } from './run.js';
import { tempFolder } from './temp.js';

/** What the Wasm build reads, besides the compiler in node_modules. */
const SOURCES = ['.dev', 'assembly', 'asconfig.json', 'package.json', 'package-lock.json'];
const MAX_BYTES = 32 * 1024;

describe('core.wasm', { timeout: 120_000 }, () => {
  const folder = tempFolder();
  const built = readFileSync(join(ROOT, 'build', 'core.wasm'));

  /** Builds the core from a copy of the sources at another path and returns its bytes. */
  function buildIn(name: string): Buffer {
    const root = join(folder, name);
    mkdirSync(root, { recursive: true });
    for (const source of SOURCES) cpSync(join(ROOT, source), join(root, source), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
    run(process.execPath, [join('.dev', 'build.mjs'), '--wasm-only'], root);
    return readFileSync(join(root, 'build', 'core.wasm'));
  }

  it('is the same bytes from every build, wherever the sources lie', () => {
    const first = buildIn('one');
    const second = buildIn(join('a longer', 'path'));
    expect(first.equals(second)).toBe(true);
    expect(first.equals(built)).toBe(true);
  });

  it('is what the source file with its bytes holds', async () => {
    const { CORE_WASM_BASE64 } = await import('../../src/wasm/core-bytes.js');
    expect(Buffer.from(CORE_WASM_BASE64, 'base64').equals(built)).toBe(true);
  });

  it(`is under ${MAX_BYTES / 1024} KiB`, () => {
    expect(built.length).toBeLessThan(MAX_BYTES);
  });

  it('imports nothing from its host', () => {
    expect(WebAssembly.Module.imports(new WebAssembly.Module(built))).toEqual([]);
  });
});
