/** The unit for systemd and the Containerfile do what they say, as far as that can be tried here. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { fromDebian } from '../../tools/testbed/programs.js';
import { tempFolder } from '../package/temp.js';

const folder = tempFolder();
const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');
const recipe = (name: string) => join(ROOT, 'docs', 'gateway', name);
const read = (name: string) => readFileSync(recipe(name), 'utf8');

describe('totp-token.service', () => {
  it('is exposed by less than 2.0, by the measure of systemd-analyze', () => {
    const analyze = fromDebian('systemd-analyze', 'systemd');
    const unit = join(folder, 'totp-token.service');
    cpSync(recipe('totp-token.service'), unit);
    const args = ['security', '--offline=true', '--threshold=19', '--no-pager', unit];
    const { status, stdout } = spawnSync(analyze, args, { encoding: 'utf8' });
    expect(stdout).toMatch(/Overall exposure level for totp-token\.service: 1\.\d/);
    expect(status).toBe(0);
  });

  it('runs as the user that its sysusers file makes', () => {
    const [, user] = /^User=(.+)$/m.exec(read('totp-token.service')) ?? [];
    expect(read('totp-token.sysusers')).toMatch(new RegExp(`^u ${user} `, 'm'));
    expect(read('totp-token.service')).toContain(`useradd --system`);
  });
});

describe('the health check of the Containerfile', () => {
  const [, json = ''] = /^HEALTHCHECK CMD (\[.*\])$/m.exec(read('Containerfile')) ?? [];
  const [program, ...args] = JSON.parse(json) as [string, ...string[]];

  /** What the check ends with while a server answers `status` at `host`. */
  async function check(host: string, status: number): Promise<number> {
    const server = createServer(({ url }, answer) => {
      answer.writeHead(url === '/healthz' ? status : 404).end();
    });
    await once(server.listen(0, host), 'listening');
    const { port } = server.address() as { port: number };
    const env = { PATH: process.env.PATH, TOTP_TOKEN_GATEWAY_LISTEN: `[::]:${port}` };
    expect(program).toBe('node');
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    server.close();
    return code;
  }

  it('succeeds by IPv4, and fails where the gateway does not answer 200', async () => {
    expect(await check('127.0.0.1', 200)).toBe(0);
    expect(await check('127.0.0.1', 503)).toBe(1);
  });

  it.runIf(hasIpv6)('succeeds where the gateway listens by IPv6 alone', async () => {
    expect(await check('::1', 200)).toBe(0);
  });
});
