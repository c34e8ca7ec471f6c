/**
 * `npm test` passes as an ordinary user, on a machine without servers.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';
import { run } from './run.js';
import { tempFolder } from './temp.js';

/**
 * All suites that use a server, a shell or the rights of root, and some others.
 */
const SUITES = [
  'test/servers',
  'test/runtimes',
  'test/docs',
  'test/attacks',
  'test/package/dependencies.test.ts',
  'test/package/tarball.test.ts',
  'test/unit/cli',
  'test/unit/gateway',
  'test/unit/guards',
  'test/unit/otp',
  'test/unit/wasm',
];

const USER = 'nobody';
/** Left out of the copy. The many packages are linked, as nothing changes them. */
const LEFT_OUT = [
  '.git',
  'node_modules',
  'coverage',
  'build/bench-scratch',
  'test/runtimes/npm/node_modules',
];

const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

describe.runIf(isRootOnLinux)('npm test by an ordinary user without servers and browsers', () => {
  const folder = tempFolder();

  /** A copy of the repository that belongs to that user, as a clone would after `npm ci`. */
  function copy(): string {
    const root = join(folder, 'repository');
    const isKept = (path: string) => !LEFT_OUT.some((name) => path === join(ROOT, name));
    cpSync(ROOT, root, { recursive: true, filter: isKept });
    run('chown', ['-R', USER, root], folder);
    try {
      run('cp', ['-a', '--link', join(ROOT, 'node_modules'), root], folder);
    } catch {
      // Hard links cannot lead to another file system.
      run('cp', ['-a', join(ROOT, 'node_modules'), root], folder);
    }
    run(
      'find',
      [join(root, 'node_modules'), '-type', 'd', '-exec', 'chown', USER, '{}', '+'],
      folder,
    );
    for (const name of readdirSync(folder)) run('chmod', ['a+rX', name], folder);
    run('chmod', ['a+rx', folder], folder);
    return root;
  }

  it('passes, and names the tests that were not run', {
    timeout: 1_800_000,
  }, async () => {
    const cwd = copy();
    const home = join(folder, 'home');
    mkdirSync(home);
    run('chown', [USER, home], folder);
    const { file, args } = npm(['test', '--', ...SUITES]);
    const child = spawn(
      'setpriv',
      [`--reuid=${USER}`, '--regid=nogroup', '--clear-groups', file, ...args],
      {
        cwd,
        // The environment of this run is not inherited: neither CI, nor the names of its folders and
        // processes.
        env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, TOTP_TOKEN_WITHOUT: 'all' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let report = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      report += text;
      all += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (all += text));
    const [code] = await once(child, 'close');
    expect(code, all).toBe(0);
    // Only standard output counts: npm may mention a newer version on standard error.
    const lines = report.trim().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/);
    for (const name of ['nginx', 'redis-server', 'prosody', 'erl']) {
      const ofIt = lines.filter((line) => line.startsWith(`not run: ${name} (`));
      expect(ofIt, name).toEqual([expect.stringMatching(/\): \d+ promises? not checked$/)]);
    }
    expect(existsSync(join(cwd, 'test', 'runtimes', 'npm', 'node_modules'))).toBe(false);
  });
});
