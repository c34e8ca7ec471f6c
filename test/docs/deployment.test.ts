/** The unit for systemd and the Containerfile do what they say, as far as that can be tried here. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

describe('the lines for systemctl edit', () => {
  const units: Readonly<Record<string, string>> = {
    'totp-token.service': read('totp-token.service'),
    'prosody.service': '[Service]\nExecStart=/bin/true\n',
  };

  it.each([
    ['operating.md', 'SupplementaryGroups=www-data', 'totp-token.service'],
    ['operating.md', 'SupplementaryGroups=redis', 'totp-token.service'],
    ['prosody.md', 'Wants=totp-token.service', 'prosody.service'],
  ])('of %s with %s are ones that systemd takes for %s', (page, has, unit) => {
    const analyze = fromDebian('systemd-analyze', 'systemd');
    const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
    const blocks = [...text.matchAll(/```ini\n(.*?)```/gs)].map(([, lines = '']) => lines);
    const [lines] = blocks.filter((block) => block.includes(has));
    const place = join(folder, has);
    mkdirSync(join(place, `${unit}.d`), { recursive: true });
    for (const [name, content] of Object.entries(units)) writeFileSync(join(place, name), content);
    writeFileSync(join(place, `${unit}.d`, 'override.conf'), lines!);
    // systemd ignores a line that it does not know, and says so.
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${place}:` };
    const { status, stderr } = spawnSync(analyze, ['verify', join(place, unit)], {
      encoding: 'utf8',
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
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
