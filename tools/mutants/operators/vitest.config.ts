// What Stryker gives to vitest: the suites of one group, whose globs run.mjs hands over.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export default defineConfig({
  root,
  resolve: { alias: { '#core': `${root}src/wasm/core-source.ts` } },
  test: {
    runner: `${root}tools/testbed/runner.ts`,
    // Sources are loaded anew for each file all the same; the packages are not.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    include: JSON.parse(process.env.TOTP_TOKEN_MUTANTS_SUITES ?? '[]') as string[],
    exclude: ['**/node_modules/**', '**/*.slow.test.ts'],
  },
});
