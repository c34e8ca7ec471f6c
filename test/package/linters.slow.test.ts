/** What the linters of packages say about the packed package. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { packThis } from './npm.js';
import { tempFolder } from './temp.js';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('the packed package', () => {
  const tarball = packThis(tempFolder());

  it('passes publint', async () => {
    const bytes = Uint8Array.from(tarball.bytes);
    const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('has types that resolve like the code, by the esm-only profile of arethetypeswrong', async () => {
    // Binaries have no types. The consumer's suite imports them.
    const excludeEntrypoints = Object.keys(manifest.exports).filter((entry) =>
      /\.(wasm|json)$/.test(entry),
    );
    const result = await checkPackage(createPackageFromTarballData(tarball.bytes), {
      excludeEntrypoints,
    });
    if (!result.types) throw new Error('the package has no types');
    // The profile leaves out modes that import only by require(): node10 and CommonJS in node16.
    const problems = result.problems.filter(
      (problem) =>
        !('resolutionKind' in problem) ||
        !['node10', 'node16-cjs'].includes(problem.resolutionKind),
    );
    expect(problems).toEqual([]);
    expect(Object.keys(result.entrypoints).sort()).toEqual(
      Object.keys(manifest.exports)
        .filter((entry) => !excludeEntrypoints.includes(entry))
        .sort(),
    );
  });
});
