import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // package.json maps it to dist/: suites that import the sources get the source.
  resolve: { alias: { '#core': fileURLToPath(new URL('src/wasm/core-source.ts', import.meta.url)) } },
  test: {
    // Some suites start processes, compile or pack; a hang should still end the run soon.
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // All cores: the slowest suites wait for processes that they started.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.slow.test.ts', '**/node_modules/**'],
        },
      },
      { extends: true, test: { name: 'slow', include: ['test/**/*.slow.test.ts'], testTimeout: 600_000 } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/wasm/*-bytes.ts'],
      reporter: ['text', 'html', 'json-summary'],
    },
  },
});
