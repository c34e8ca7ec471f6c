import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Suites that have a process of their own. All others share a few processes, one file after the
 * other, so that the sources are imported once a process and not once a file. A suite belongs here
 * if it replaces a module, sets what is the process's own, such as the umask, or imports a helper
 * that registers a hook.
 */
const ISOLATED = [
  'test/servers/processes/*.test.ts',
  'test/package/{consumer,one-file}.test.ts',
  'test/attacks/secrets/pool.test.ts',
  'test/unit/guards/lmdb/*.test.ts',
  'test/unit/keyfile/change.test.ts',
  'test/unit/server/cluster/guard/channel.test.ts',
  'test/unit/server/listen.test.ts',
];
const SLOW = 'test/**/*.slow.test.ts';

export default defineConfig({
  // package.json maps it to dist/: suites that import the sources get the source.
  resolve: {
    alias: { '#core': fileURLToPath(new URL('src/wasm/core-source.ts', import.meta.url)) },
  },
  test: {
    // Skips what lacks a server, browser or runtime of this machine, and says so.
    runner: fileURLToPath(new URL('tools/testbed/runner.ts', import.meta.url)),
    // One generous limit, which ends a hang and decides no verdict on a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 300_000 } },
    // One more than there are cores: some suites mostly wait, such as for a limit of time.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ISOLATED, exclude: [SLOW] },
      },
      {
        extends: true,
        test: {
          name: 'fast, shared',
          include: ['test/**/*.test.ts'],
          exclude: [...ISOLATED, SLOW, '**/node_modules/**'],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'slow', include: [SLOW], testTimeout: 600_000 } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/wasm/*-bytes.ts'],
      reporter: ['text', 'html', 'json-summary'],
      // A little below what the suites of these folders reach. Others are covered by processes that they start, which is
      // not measured, such as cli/ and gateway/.
      thresholds: {
        'src/mac/**': { statements: 97, branches: 91, functions: 99, lines: 98 },
        'src/otp/**': { statements: 98, branches: 97, functions: 98, lines: 98 },
        'src/token/**': { statements: 98, branches: 96, functions: 98, lines: 98 },
        'src/xmpp/**': { statements: 98, branches: 97, functions: 94, lines: 97 },
        'src/guards/*.ts': { statements: 97, branches: 92, functions: 98, lines: 98 },
        'src/guards/lmdb/**': { statements: 88, branches: 90, functions: 88, lines: 88 },
        'src/guards/redis/**': { statements: 92, branches: 83, functions: 94, lines: 93 },
      },
    },
  },
});
