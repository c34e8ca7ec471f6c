/** A run of the tests leaves no process and no file behind, however it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { tempFolder } from './temp.js';

/**
 * A server as a test may start one: it has a socket in the temporary folder, and does not end when
 * it is asked to.
 */
const SERVER = `
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
process.on('SIGTERM', () => {});
const [folder, name, port] = process.argv.slice(1);
const path = join(folder, name);
createServer().listen(path, () => connect(port, '127.0.0.1').write(JSON.stringify({ path }) + '\\n'));
`;

/**
 * The suite: it starts a server in its own session and one, without its environment, in another.
 */
const suite = (port: number, isPassing: boolean) => `
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
it('starts servers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'a suite '));
  const args = (name) => ['--input-type=module', '--eval', ${JSON.stringify(SERVER)}, folder, name, '${port}'];
  const start = (name, options) => spawn(process.execPath, args(name), { stdio: 'ignore', ...options }).unref();
  start('1');
  start('2', { env: {}, detached: true });
  ${isPassing ? '' : 'return new Promise(() => {});'}
}, 0);
`;

const folder = tempFolder();
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
const runner = `
import { superviseVitest } from ${JSON.stringify(pathToFileURL(join(ROOT, 'tools', 'lib', 'supervise.mjs')).href)};
process.exitCode = await superviseVitest(['--root', ${JSON.stringify(folder)}], {});
`;

describe.runIf(process.platform !== 'win32')('a run of the tests', { timeout: 120_000 }, () => {
  it.each([
    ['is killed', 'SIGKILL', false],
    ['is ended by a signal', 'SIGTERM', false],
    ['passes', undefined, true],
  ] as const)('that %s leaves no process and no file behind', async (_how, signal, isPassing) => {
    const connected: Socket[] = [];
    const paths: string[] = [];
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const both = new Promise<void>((resolve) => {
      listener.on('connection', async (socket) => {
        connected.push(socket.on('error', () => {}));
        const [line] = await once(socket.setEncoding('utf8'), 'data');
        if (paths.push(JSON.parse(line).path) === 2) resolve();
      });
    });
    writeFileSync(
      join(folder, 'a.test.js'),
      suite((listener.address() as AddressInfo).port, isPassing),
    );
    const run = spawn(process.execPath, ['--input-type=module', '--eval', runner], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [run.stdout, run.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text));
    // When all that hold its output have ended: the runner, vitest, its workers and the watchdog.
    const over = once(run, 'close');
    await both;
    const gone = connected.map((socket) => once(socket, 'close'));
    if (signal) run.kill(signal);
    await Promise.all(gone);
    const [code] = await over;
    const [path = ''] = paths;
    // The folder of the suite is in that of the run.
    expect(existsSync(dirname(dirname(path))), path).toBe(false);
    expect(said).toMatch(/left behind by the tests, and ended: .*node/);
    if (signal !== 'SIGKILL') expect(code).toBe(isPassing ? 0 : 128 + 15);
    listener.close();
  });
});
