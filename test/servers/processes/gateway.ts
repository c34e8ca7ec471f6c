import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import { childrenOf } from '../../../tools/lib/processes.mjs';
import { BINARY } from '../../unit/cli/binary.js';

const PRELOAD = pathToFileURL(fileURLToPath(new URL('faults-preload.mjs', import.meta.url))).href;

interface Options {
  readonly env?: Record<string, string>;
  /** Default: the built one. */
  readonly program?: string;
  /** Where stdout goes. Default: it is read. */
  readonly stdout?: 'pipe' | number;
}

const groups = new Set<ChildProcess>();
afterAll(() => {
  for (const { pid } of groups) {
    try {
      process.kill(-pid!, 'SIGKILL');
    } catch {}
  }
  groups.clear();
});

/** A gateway in its own process group, which ends with the tests of the file at the latest. */
export function launch(
  args: readonly string[],
  { env = {}, program = BINARY, stdout = 'pipe' }: Options = {},
) {
  const stdio: StdioOptions = ['ignore', stdout, 'pipe'];
  const child = spawn(process.execPath, [program, 'gateway', ...args], {
    stdio,
    detached: true,
    env: { PATH: process.env.PATH ?? '', NODE_OPTIONS: `--import ${PRELOAD}`, ...env },
  });
  groups.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  const closed = once(child, 'close') as Promise<
    [code: number | null, signal: NodeJS.Signals | null]
  >;
  const gone = closed.then(() => 'gone');
  const until = async (stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output[stream]);
      if (found !== null) return found;
      const next = await Promise.race([once(child[stream]!, 'data'), gone]);
      if (next === 'gone' && !pattern.test(output[stream])) {
        throw new Error(`ended before ${pattern}: ${output.stdout}${output.stderr}`);
      }
    }
  };
  return {
    pid: child.pid!,
    output,
    until,
    /** Its exit code, or the signal that ended it, once all that it wrote is here. */
    result: closed.then(([code, signal]) => code ?? signal),
    kill: (signal: NodeJS.Signals) => process.kill(child.pid!, signal),
    /** As a service manager or a terminal does: the leader and all workers. */
    killGroup: (signal: NodeJS.Signals) => process.kill(-child.pid!, signal),
    workers: () => childrenOf(child.pid),
    address: async () => (await until('stderr', /gateway at (.+)\n/))[1]!,
    /** Resolves when no process of the group is left. */
    async allGone() {
      for (;;) {
        try {
          process.kill(-child.pid!, 0);
        } catch {
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/**
 * Begins a request whose head the gateway has read and whose body has not been sent.
 *
 * @returns A function that sends the body, and gives the status line of the answer.
 */
export async function underWay(address: string, body: string): Promise<() => Promise<string>> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => (answer += text));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(
    `POST /v1/verify HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n`,
  );
  while (!answer.includes('100 Continue')) await Promise.race([once(socket, 'data'), closed]);
  answer = '';
  return async () => {
    socket.write(body);
    await closed;
    return answer.trimStart().split('\r\n', 1)[0]!;
  };
}
