/**
 * The size that the package adds to a bundle, Wasm included: at most that of the README, and never
 * more than 33 KiB.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';

const MAX_KIB = 33;
const SIZE = /at most (\d+) KiB with gzip and (\d+) with brotli/;

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const standalone = readFileSync(join(ROOT, 'dist', 'standalone.js'));

/** All exports of the main entry, minified as an application's build does it. */
async function bundled(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: "export * from 'totp-token';", resolveDir: ROOT },
    ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', write: false },
    // Our tsconfig maps #core to the sources, so that they would be bundled twice.
    tsconfigRaw: '{}',
  });
  return outputFiles[0]!.contents;
}

describe('the whole main entry, minified and compressed', async () => {
  const [, gzip = '0', brotli = '0'] = SIZE.exec(readme) ?? [];

  for (const [name, bytes] of [
    ['in a bundle', await bundled()],
    ['as totp-token/standalone', standalone],
  ] as const) {
    it(`is no larger ${name} than the README says`, () => {
      expect(gzipSync(bytes, { level: 9 }).length / 1024).toBeLessThanOrEqual(Number(gzip));
      expect(brotliCompressSync(bytes).length / 1024).toBeLessThanOrEqual(Number(brotli));
    });
  }

  it(`is no larger than ${MAX_KIB} KiB by the README`, () => {
    expect(Number(gzip)).toBeLessThanOrEqual(MAX_KIB);
    expect(Number(brotli)).toBeLessThanOrEqual(MAX_KIB);
  });
});
