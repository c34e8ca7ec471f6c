/** The command as one file, copied into an empty folder. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { METAFILES } from '../../tools/lib/notices.mjs';
import { ROOT } from '../../tools/lib/process.mjs';
import { launch } from '../servers/processes/gateway.js';
import { tempFolder } from './temp.js';

const { version, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('the command as one file', () => {
  const folder = tempFolder();
  const program = join(folder, 'totp-token.mjs');
  copyFileSync(join(ROOT, 'dist', 'totp-token.mjs'), program);

  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      ...{ cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } },
    });
    return { status, stdout: stdout.trim(), stderr };
  };

  it('imports only Node’s modules and the packages that guards need', () => {
    const metafile: Metafile = JSON.parse(
      readFileSync(join(ROOT, METAFILES, 'one-file.json'), 'utf8'),
    );
    const [output, ...others] = Object.values(metafile.outputs);
    expect(others).toEqual([]);
    const imported = new Set(output!.imports.map(({ path }) => path));
    expect([...imported].filter((path) => !isBuiltin(path)).sort()).toEqual(
      Object.keys(peerDependencies).sort(),
    );
  });

  it('does not look for other files of the package', () => {
    const text = readFileSync(program, 'utf8');
    expect(text).not.toMatch(/new URL\(\s*["']\.\.?\//);
  });

  it('makes keys, issues a token and verifies it', () => {
    expect(run('--version')).toEqual({ status: 0, stdout: version, stderr: '' });
    expect(run('keygen', '--host', 'example.com', '--out', 'keys.json').status).toBe(0);
    const { stdout } = run('issue', '--keys', 'keys.json', '--jid', 'alice@example.com');
    const verify = ['verify', '--keys', 'keys.json', '--jid', 'alice@example.com', stdout];
    expect(run(...verify)).toMatchObject({ status: 0 });
    expect(run('demo', '--help')).toMatchObject({ status: 0 });
  });

  it('serves in several processes', async () => {
    // Only the package of the shared guard must be installed next to it.
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(
      join(ROOT, 'node_modules', 'lmdb'),
      join(folder, 'node_modules', 'lmdb'),
      'junction',
    );
    run('keygen', '--host', 'a.example', '--out', 'cluster.json');
    const gateway = launch(['--keys', join(folder, 'cluster.json'), '--workers', '2'], {
      program,
      env: { TOTP_TOKEN_GATEWAY_LISTEN: '127.0.0.1:0', XDG_STATE_HOME: join(folder, 'state') },
    });
    const answer = await fetch(`${await gateway.address()}/readyz`);
    expect(answer.status).toBe(200);
    expect(gateway.workers()).toHaveLength(2);
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
    await gateway.allGone();
  });
});
