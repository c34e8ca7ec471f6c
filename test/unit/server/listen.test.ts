/** Sockets in the file system: who may connect, and whose file is removed. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { listenAt, type SocketAccess } from '../../../src/server/listen.js';
import { tempFolder } from '../../package/temp.js';
import { begin } from '../cli/gateway-process.js';

const folder = tempFolder();
let number = 0;
const freshPath = () => join(folder, `socket-${++number}`);
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(path: string, access: SocketAccess = { mode: '0660' }, field = 'listen') {
  const server = createServer((socket) => socket.end('new'));
  servers.push(server);
  await listenAt(server, `unix:${path}`, field, access);
  return server;
}

/** What the server at a socket says. */
async function answerOf(path: string): Promise<string> {
  const socket = connect(path).setEncoding('utf8');
  let said = '';
  for await (const text of socket) said += text;
  return said;
}

/** A process that listens at a path, and was killed if it is not `alive`. */
async function otherProcess(path: string, isAlive: boolean): Promise<() => Promise<void>> {
  const program = `require('net').createServer((s) => s.on('error', () => {}).end('old')).listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const kill = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  if (isAlive) return kill;
  await kill();
  return async () => {};
}

describe.skipIf(process.platform === 'win32')('a socket', () => {
  it.each([
    ['0660', 0o077],
    ['0660', 0o022],
    ['0660', 0],
    ['660', 0o077],
    ['0600', 0],
    ['0666', 0o077],
    ['0777', 0o777],
  ])('has mode %s whatever the umask: %i', async (mode, umask) => {
    const path = freshPath();
    // Vitest's threads cannot set one.
    const before = threadsHaveUmask() ? process.umask(umask) : undefined;
    try {
      await listen(path, { mode });
    } finally {
      if (before !== undefined) process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(Number.parseInt(mode, 8));
    if (before !== undefined) expect(process.umask()).toBe(before);
  });

  it.runIf(process.getuid?.() === 0)(
    'belongs to the configured group, by number and by name',
    async () => {
      const [byNumber, byName] = [freshPath(), freshPath()];
      await listen(byNumber, { mode: '0660', group: '12345' });
      expect(statSync(byNumber).gid).toBe(12_345);
      await listen(byName, { mode: '0660', group: 'daemon' });
      expect(statSync(byName).gid).toBe(Number(execFileSync('id', ['-g', 'daemon'])));
      expect(statSync(byName).mode & 0o777).toBe(0o660);
    },
  );

  it.runIf(process.getuid?.() === 0).each([
    ['0660', 12_345, 'new'],
    ['0660', 12_346, 'EACCES'],
    ['0600', 12_345, 'EACCES'],
    ['0666', 12_346, 'new'],
  ])(
    'of mode %s and group 12345 gives a user of group %i the answer %s',
    async (mode, gid, answer) => {
      // The folder of the tests is closed to others.
      chmodSync(folder, 0o755);
      const path = freshPath();
      await listen(path, { mode, group: '12345' });
      const program = `require('net').connect(${JSON.stringify(path)}).setEncoding('utf8').on('data', (text) => console.log(text)).on('error', ({ code }) => console.log(code))`;
      const other = spawn(process.execPath, ['-e', program], {
        uid: 65_534,
        gid,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      for await (const text of other.stdout.setEncoding('utf8')) said += text;
      expect(said.trim()).toBe(answer);
    },
  );

  it.each([
    ['listen', 'listenGroup'],
    ['dovecot.listen', 'dovecot.group'],
  ])('of %s is refused with a group that does not exist', async (field, name) => {
    const path = freshPath();
    await expect(listen(path, { mode: '0660', group: 'no-such-group' }, field)).rejects.toThrow(
      `${name}: no such group in /etc/group; correct its name, or write its number`,
    );
    expect(existsSync(path)).toBe(false);
  });

  it('that a killed process left behind is replaced', async () => {
    const path = freshPath();
    await otherProcess(path, false);
    expect(lstatSync(path).isSocket()).toBe(true);
    await listen(path);
    expect(await answerOf(path)).toBe('new');
  });

  it('of a living process is not replaced: the second listener is refused', async () => {
    const path = freshPath();
    const kill = await otherProcess(path, true);
    await expect(listen(path)).rejects.toThrow(`listen: unix:${path} is taken (EADDRINUSE)`);
    expect(await answerOf(path)).toBe('old');
    await kill();
  });

  // Its queue is full, so a connection fails as if nobody listened, but with another code.
  it('of a process that hangs is not replaced either', async () => {
    const path = freshPath();
    const listening = `listen({ path: ${JSON.stringify(path)}, backlog: 1 }`;
    const program = `require('net').createServer().${listening}, () => { console.log('up'); process.kill(process.pid, 'SIGSTOP'); })`;
    const child = spawn(process.execPath, ['-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const waiting: Socket[] = [];
    let code: string | undefined;
    while (code === undefined) {
      const socket = connect(path);
      waiting.push(socket);
      code = await once(socket, 'connect').then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      );
    }
    expect(code).toBe('EAGAIN');
    const { ino } = lstatSync(path);
    await expect(listen(path)).rejects.toThrow(/EADDRINUSE/);
    expect(lstatSync(path).ino).toBe(ino);
    for (const socket of waiting) socket.destroy();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });

  // A process of its own: a thread of Vitest can set no umask.
  it('has no right beyond its mode from the moment at which it is there', async () => {
    const path = freshPath();
    const preload = join(folder, 'preload.mjs');
    writeFileSync(preload, PRELOAD);
    const { child, result, output } = await begin(['--dev', '--listen', `unix:${path}`], {
      NODE_OPTIONS: `--import ${pathToFileURL(preload)}`,
    });
    child.kill('SIGTERM');
    await result;
    expect(output.stderr).toContain('bound with mode 660\n');
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, 'precious')],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a named pipe', (path: string) => execFileSync('mkfifo', [path])],
  ])('does not replace %s at its path', async (_, make) => {
    const path = freshPath();
    make(path);
    const { ino } = lstatSync(path);
    await expect(listen(path)).rejects.toThrow(/EADDRINUSE/);
    expect(lstatSync(path).ino).toBe(ino);
  });

  it('in a folder that does not exist is refused', async () => {
    await expect(listen(join(folder, 'missing', 'socket'))).rejects.toThrow(/cannot be used/);
  });
});

/** Takes away the umask, and tells the mode of a socket before anything can change it. */
const PRELOAD = `
import { statSync } from 'node:fs';
import { Server } from 'node:net';
process.umask(0);
const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  const server = listen.apply(this, args);
  if (typeof args[0] === 'string') {
    const mode = (statSync(args[0]).mode & 0o777).toString(8);
    process.stderr.write('bound with mode ' + mode + '\\n');
  }
  return server;
};
`;

function threadsHaveUmask(): boolean {
  try {
    process.umask(process.umask());
    return true;
  } catch {
    return false;
  }
}
