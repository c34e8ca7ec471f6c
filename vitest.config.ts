import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Suites that leave nothing in their process: no spies and clocks of their own, no child process, no
 * native addon, no umask. Files of them share a thread, so that the sources are imported once a
 * thread and not once a file, which halves their time.
 */
const PURE = [
  'test/unit/{assembly,mac,token,text}/**/*.test.ts',
  'test/unit/gateway/!(batch).test.ts',
  'test/unit/keyfile/scan-json.test.ts',
  'test/unit/otp/!(totp|create-totp).test.ts',
  'test/unit/server/{addresses,raw-http}.test.ts',
  'test/unit/server/config/*.test.ts',
  'test/unit/xmpp/*.test.ts',
  'test/unit/xmpp/sasl/!(xmpp-client).test.ts',
  'test/unit/guards/*.test.ts',
  'test/unit/guards/durable-object/guard.test.ts',
  'test/attacks/*.test.ts',
  'test/attacks/original/*.test.ts',
  'test/bench/!(browser-bundle).test.ts',
  'test/docs/!(code-blocks|deployment|issuing|xmpp).test.ts',
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
    // All cores: the slowest suites wait for processes that they started.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [...PURE, SLOW, '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'fast, pure',
          include: PURE,
          exclude: [SLOW],
          pool: 'threads',
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
