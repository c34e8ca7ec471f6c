/** What the Wasm modules of dist/ are: their hashes, sizes and imports. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { binary, bytesModule, VARIANTS } from '../../tools/lib/wasm.mjs';

const MAX_BYTES = 32 * 1024;

/** The imports of each module from its host: none, or the memory that its threads share. */
const IMPORTS: Readonly<Record<string, readonly WebAssembly.ModuleImportDescriptor[]>> = {
  core: [],
  'core-shared': [{ module: 'env', name: 'memory', kind: 'memory' }],
};

const built = (variant: { name: string }): Buffer => readFileSync(join(ROOT, binary(variant)));

it('the Wasm modules have the published hashes', () => {
  const sums = VARIANTS.map((variant) => {
    const hash = createHash('sha256').update(built(variant)).digest('hex');
    return `${hash}  ${variant.name}.wasm`;
  });
  // After a change of the core: (cd build && sha256sum *.wasm) > assembly/SHA256SUMS
  const published = readFileSync(join(ROOT, 'assembly', 'SHA256SUMS'), 'utf8');
  expect(published.trimEnd().split('\n').sort()).toEqual(sums.sort());
});

it('docs/core.md states the size of core.wasm, with a tolerance of 1 KiB', () => {
  const page = readFileSync(join(ROOT, 'docs', 'core.md'), 'utf8');
  const [, stated] = /`core\.wasm` has about (\d+) KiB/.exec(page) ?? [];
  expect(Math.abs(built({ name: 'core' }).length / 1024 - Number(stated))).toBeLessThanOrEqual(1);
});

for (const variant of VARIANTS) {
  describe(`${variant.name}.wasm`, () => {
    it('equals the bytes in its source file', () => {
      const [, hex = ''] =
        /'([0-9a-f]+)'/.exec(readFileSync(join(ROOT, bytesModule(variant)), 'utf8')) ?? [];
      expect(Buffer.from(hex, 'hex').equals(built(variant))).toBe(true);
    });

    it(`is under ${MAX_BYTES / 1024} KiB`, () => {
      expect(built(variant).length).toBeLessThan(MAX_BYTES);
    });

    it('imports from its host only the listed names', () => {
      const imports = WebAssembly.Module.imports(
        new WebAssembly.Module(Uint8Array.from(built(variant))),
      );
      expect(imports).toEqual(IMPORTS[variant.name]);
    });
  });
}
