/** The package in Jest, by the two ways that docs/bundlers.md names. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';
import { notRun } from '../../tools/testbed/not-run.js';
import { Consumer } from '../runtimes/lib/consumer.js';
import { run } from './run.js';
import { tempFolder } from './temp.js';

const SOURCE = join(ROOT, 'test', 'package', 'jest');
/** Kept from one run to the next. */
const INSTALLED = join(ROOT, 'build', 'jest');
const JEST = join(INSTALLED, 'node_modules', 'jest', 'bin', 'jest.js');

/** Installs Jest if it is not what its lockfile says. */
function installJest(): void {
  const lock = readFileSync(join(SOURCE, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const stamp = join(INSTALLED, 'node_modules', '.totp-token-install');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(INSTALLED, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(join(SOURCE, name), join(INSTALLED, name));
  }
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
  const { file, args, shell } = npm(['ci', '--ignore-scripts', ...quiet]);
  try {
    run(file, args, INSTALLED, shell);
  } catch {
    notRun('Jest', 'this suite installs it from the registry');
  }
  writeFileSync(stamp, wanted);
}

/** Jest has globals of another realm than the package's bytes may have. */
const CHECKS = `
  const hosts = { 'example.com': generateKeys() };
  const issuer = await createIssuer({ hosts });
  const verifier = await createVerifier({ hosts, replay: { capacity: 10 } });
  const [token, other] = [issuer.issue('alice@example.com'), issuer.issue('alice@example.com')];
  expect(verifier.verify('alice@example.com', token).code).toBe('accepted');
  expect(verifier.verify(Buffer.from('alice@example.com'), new TextEncoder().encode(other)).ok).toBe(true);
  expect(verifier.verify('alice@example.com', token)).toEqual({ ok: false, code: 'replayed' });
  await expect(createVerifier({ perid: 30 })).rejects.toBeInstanceOf(VerifierError);
  jest.useFakeTimers({ now: Date.UTC(2031, 0, 1) });
  const later = issuer.issue('alice@example.com');
  expect(verifier.verify('alice@example.com', later).step).toBe(Date.UTC(2031, 0, 1) / 30_000);
  jest.useRealTimers();
`;
const NAMES = '{ createIssuer, createVerifier, generateKeys, VerifierError }';
const POOL = `
  const pool = await createVerifierPool({ hosts, threads: 1, replay: { capacity: 10 } });
  const verdicts = await pool.verifyBatch(['alice@example.com'], [issuer.issue('alice@example.com')]);
  expect(verdicts.code(0)).toBe('accepted');
  await pool.close();
`;

const folder = tempFolder();
let consumer: Consumer;
const inJest = (nodeArgs: readonly string[], config: object): string =>
  run(
    process.execPath,
    // Not in workers: a thread or process of Jest's that stays would hide one of ours.
    [...nodeArgs, JEST, '--rootDir', folder, '--runInBand', '--config', JSON.stringify(config)],
    folder,
  );

beforeAll(async () => {
  installJest();
  consumer = await Consumer.make(folder);
  // As most projects with Jest are.
  consumer.write('package.json', JSON.stringify({ name: 'consumer', private: true }));
  consumer.write(
    'reporter.cjs',
    `module.exports = class {
  onTestResult(test, { failureMessage }) { if (failureMessage) console.log(failureMessage); }
  onRunComplete(tests, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    console.log(numPassedTests + ' passed, ' + (numFailedTests + numRuntimeErrorTestSuites) + ' failed');
  }
};`,
  );
});

it('loads by import in tests of both kinds, with --experimental-vm-modules', () => {
  consumer.write(
    'esm.test.mjs',
    `import { jest } from '@jest/globals';
import ${NAMES} from 'totp-token';
import { createVerifierPool } from 'totp-token/pool';
test('esm', async () => {${CHECKS}${POOL}});`,
  );
  consumer.write(
    'cjs.test.js',
    `test('cjs', async () => {
  const ${NAMES} = await import('totp-token');
  const { createVerifierPool } = await import('totp-token/pool');
${CHECKS}${POOL}});`,
  );
  const told = inJest(['--experimental-vm-modules'], {
    testMatch: ['**/esm.test.mjs', '**/cjs.test.js'],
    reporters: ['<rootDir>/reporter.cjs'],
  });
  expect(told).toContain('2 passed, 0 failed');
});

it('loads by require, compiled to CommonJS by the patterns of docs/bundlers.md', () => {
  const guide = readFileSync(join(ROOT, 'docs', 'bundlers.md'), 'utf8');
  const [, shown = ''] = /```json\n(\{ "transformIgnorePatterns".*\})\n```/.exec(guide) ?? [];
  consumer.write(
    'transform.cjs',
    `const { transformSync } = require(${JSON.stringify(join(ROOT, 'node_modules', 'esbuild'))});
exports.process = (text) => transformSync(text, { format: 'cjs', target: 'es2022' });`,
  );
  consumer.write(
    'required.test.js',
    `const ${NAMES} = require('totp-token');
const { prepareJid } = require('totp-token/xmpp');
test('require', async () => {${CHECKS}
  expect(prepareJid('ALICE@example.com')).toBe('alice@example.com');
});`,
  );
  const told = inJest([], {
    ...JSON.parse(shown),
    testMatch: ['**/required.test.js'],
    transform: { '\\.[cm]?js$': '<rootDir>/transform.cjs' },
    reporters: ['<rootDir>/reporter.cjs'],
  });
  expect(told).toContain('1 passed, 0 failed');
});
