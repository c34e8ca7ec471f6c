import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, tool } from '../../tools/lib/process.mjs';
import { tempFolder } from './temp.js';

/**
 * A rule that matches nothing any more passes too: each breach below must be found, and nothing
 * else.
 */
const BREACHES: readonly (readonly [file: string, imports: string, rule: string])[] = [
  ['src/wasm/breach.ts', '../mac/hmac.js', 'wasm-imports-downwards'],
  ['src/mac/breach.ts', '../otp/totp.js', 'mac-imports-downwards'],
  ['src/otp/breach.ts', '../token/verifier.js', 'otp-imports-downwards'],
  ['src/guards/breach.ts', '../gateway/server.js', 'guards-imports-downwards'],
  ['src/token/breach.ts', '../guards/lmdb.js', 'token-imports-downwards'],
  ['src/xmpp/breach.ts', '../gateway/server.js', 'xmpp-imports-downwards'],
  ['src/pool/breach.ts', '../gateway/server.js', 'pool-imports-downwards'],
  ['src/pool/breach-node.ts', 'node:os', 'node-only-where-it-runs'],
  ['src/gateway/index.ts', './node-server.js', 'gateway-entry-is-portable'],
  ['src/gateway/node-server.ts', 'node:http', 'node-only-where-it-runs'],
  ['src/gateway/breach.ts', '../cli/main.js', 'gateway-imports-downwards'],
  ['src/keyfile/breach.ts', '../server/listen.js', 'keyfile-imports-downwards'],
  ['src/server/breach.ts', '../cli/main.js', 'server-imports-downwards'],
  ['src/text/breach.ts', '../wasm/core.js', 'text-imports-downwards'],
  ['src/cli/breach.ts', '../other/unlisted.js', 'cli-imports-downwards'],
  ['src/other/breach.ts', '../errors.js', 'every-folder-has-its-rule'],
  ['src/errors.ts', '@scure/base', 'errors-is-ground'],
  ['src/check.ts', './limits.js', 'check-is-ground'],
  ['src/limits.ts', './text/utf8.js', 'limits-is-ground'],
  ['src/index.ts', './xmpp/sasl.js', 'index-imports-downwards'],
  ['src/index.ts', './token/with-commander.js', 'main-entry-is-isomorphic'],
  ['src/xmpp/breach-node.ts', 'node:fs', 'node-only-where-it-runs'],
  ['src/token/with-commander.ts', 'commander', 'published-code-needs-published-packages'],
  ['src/otp/breach-dev.ts', 'hono', 'published-code-needs-published-packages'],
  ['src/otp/breach-test.ts', '../../test/helper.js', 'published-code-needs-published-packages'],
  ['src/cli/breach-dev.ts', 'vitest', 'bundles-need-listed-packages'],
  ['src/cli/breach-test.ts', '../../test/helper.js', 'bundles-need-listed-packages'],
  ['src/otp/circle-a.ts', './circle-b.js', 'no-circle'],
  ['tools/testbed/breach-src.ts', '../../src/errors.js', 'testbed-below-all'],
  ['tools/testbed/breach-test.ts', '../../test/helper.js', 'testbed-below-all'],
  ['tools/testbed/breach-bench.ts', '../../bench/suites/suite.js', 'testbed-below-all'],
  ['bench/suites/breach.ts', '../../test/helper.js', 'bench-imports-no-test'],
  ['bench/lib/breach.ts', '../suites/suite.js', 'bench-lib-below-the-benches'],
  ['bench/programs/breach.ts', '../suites/suite.js', 'bench-programs-below-the-suites'],
  ['bench/guards/breach.ts', '../report/write.js', 'bench-report-above-what-it-shows'],
  ['src/cli/breach-typo.ts', './no-such-file.js', 'no-unresolved-import'],
];

/**
 * The targets of the breaches, and allowed imports: downwards, of the guard's interface and of the
 * two packages.
 */
const BYSTANDERS: Readonly<Record<string, readonly string[]>> = {
  'src/wasm/core.ts': ['@assemblyscript/loader', '../errors.js'],
  'src/mac/hmac.ts': ['../wasm/core.js'],
  'src/otp/totp.ts': ['../mac/hmac.js', '@scure/base'],
  'src/otp/circle-b.ts': ['./circle-a.js'],
  'src/guards/guard.ts': [],
  'src/guards/lmdb.ts': ['./guard.js', 'node:fs'],
  'src/token/verifier.ts': ['../guards/guard.js', '../otp/totp.js'],
  'src/xmpp/sasl.ts': ['../token/verifier.js'],
  'src/pool/pool.ts': ['../xmpp/sasl.js', '../token/verifier.js'],
  'src/gateway/server.ts': [
    '../index.js',
    '../pool/pool.js',
    '../xmpp/sasl.js',
    '../guards/lmdb.js',
  ],
  'src/text/utf8.ts': ['../errors.js'],
  'src/keyfile/read.ts': ['../index.js', '../text/utf8.js', 'node:fs'],
  'src/server/listen.ts': ['../gateway/server.js', '../keyfile/read.js', 'node:http'],
  'src/cli/main.ts': ['../server/listen.js', '../gateway/server.js', 'commander', 'node:fs'],
  'src/other/unlisted.ts': [],
  'test/helper.ts': ['../tools/testbed/root.js'],
  'tools/testbed/root.ts': ['node:fs'],
  'bench/lib/paths.ts': ['../../tools/testbed/root.js'],
  'bench/suites/suite.ts': ['../lib/paths.js', '../../src/index.js'],
  'bench/report/write.ts': ['../suites/suite.js'],
  'bench/guards/main.ts': ['../report/write.js'],
};

describe('the import rule', () => {
  const root = tempFolder();

  function write(file: string, imports: readonly string[], kind: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    const lines = imports.map((path, i) => `import ${kind}* as it${i} from '${path}';`);
    writeFileSync(join(root, file), [...lines, 'export const here = 1;', ''].join('\n'));
  }

  /** The rules that a tree of sources breaks, with the files that break them. */
  function violations(): string[] {
    const cruise = tool('dependency-cruiser', [
      'src',
      'bench',
      'tools',
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'json',
    ]);
    const { stdout } = spawnSync(cruise.file, cruise.args, { cwd: root, encoding: 'utf8' });
    const found: { from: string; rule: { name: string } }[] = JSON.parse(stdout).summary.violations;
    return [...new Set(found.map(({ from, rule }) => `${rule.name}: ${from}`))].sort();
  }

  for (const kind of ['', 'type ']) {
    it(`finds every breach by "import ${kind}"`, () => {
      for (const file of ['.dependency-cruiser.mjs', 'package.json', 'tsconfig.json']) {
        copyFileSync(join(ROOT, file), join(root, file));
      }
      if (kind === '')
        symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
      for (const [file, imports] of Object.entries(BYSTANDERS)) write(file, imports, '');
      for (const file of new Set(BREACHES.map(([breach]) => breach))) {
        const imports = BREACHES.filter(([breach]) => breach === file).map(([, path]) => path);
        write(file, imports, kind);
      }
      expect(violations()).toEqual(BREACHES.map(([file, , rule]) => `${rule}: ${file}`).sort());
    });
  }
});
