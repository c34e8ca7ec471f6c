/** How a gateway of one process or several stops: the cases of stop.test.ts and stop.slow.test.ts. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KEYS, temporaryFolder } from '../../unit/cli/binary.js';
import { freshToken } from '../../unit/cli/gateway-process.js';
import { launch, underWay } from './gateway.js';

const folder = temporaryFolder();
folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
export const config = (name: string, text = '') =>
  folder.file(
    `${name}.toml`,
    `listen = "127.0.0.1:0"\nkeys = "keys.json"\n[guard]\nkind = "lmdb"\npath = "guard-${name}"\nrejectStepsBefore = "none"\n${text}`,
  );
export const LONG = '[limits]\ndrainMs = 60000\nbodyMs = 60000\n';
export const body = (nonce: number) =>
  JSON.stringify({ jid: 'alice@example.com', token: freshToken(nonce) });
export const AT_ONCE = 8;

function pipe(): { reader: number; writer: number } {
  const path = join(folder.path, `pipe-${process.hrtime.bigint()}`);
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY) };
}

/** A full pipe that nobody reads. */
function fullPipe(): { writer: number; close(): void } {
  const { reader, writer } = pipe();
  for (const size of [65_536, 1]) {
    try {
      for (;;) writeSync(reader, 'x'.repeat(size));
    } catch {}
  }
  return {
    writer,
    close() {
      closeSync(reader);
      closeSync(writer);
    },
  };
}

const argsOf = (workers: number, name: string, text?: string) => [
  '--config',
  config(`${name}-${workers}`, text),
  '--workers',
  String(workers),
];

/** A log that nobody reads, and one whose reader goes away. */
export function stopsWithoutReader(workers: number): void {
  // Both signals run the same function, and workers get SIGTERM in either case.
  it.each(workers === 1 ? (['SIGTERM', 'SIGINT'] as const) : (['SIGTERM'] as const))(
    'by %s ends a gateway whose log nobody reads',
    async (signal) => {
      const { writer, close } = fullPipe();
      const gateway = launch(argsOf(workers, `unread-${signal}`), { stdout: writer });
      const address = await gateway.address();
      expect((await fetch(`${address}/healthz`)).status).toBe(200);
      gateway.kill(signal);
      expect(await gateway.result).toBe(0);
      await gateway.allGone();
      close();
    },
  );

  it('ends a gateway that went on serving when the reader of its log went away', async () => {
    const { reader, writer } = pipe();
    const gateway = launch(argsOf(workers, 'no-reader'), { stdout: writer });
    const address = await gateway.address();
    closeSync(writer);
    closeSync(reader);
    for (let i = 0; i < AT_ONCE; i++) {
      const answer = await fetch(`${address}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body(1000 + i),
      });
      expect(answer.status).toBe(200);
    }
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
  });
}

/** Signals once and several times, while requests are under way. */
export function stopsUnderWay(workers: number): void {
  // A single signal is covered by the first of several. One process is its own group.
  const whoms: [what: string, whom: 'group' | 'leader'][] = [
    ['to the leader alone, several times', 'leader'],
  ];
  if (workers > 1) whoms.push(['to the whole group, as systemd sends it, several times', 'group']);
  it.each(whoms)('by SIGTERM %s answers all requests under way', async (_what, whom) => {
    const gateway = launch(argsOf(workers, `drain-${whom}`, LONG));
    const address = await gateway.address();
    const requests = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => underWay(address, body(i))),
    );
    for (let i = 0; i < 4; i++) {
      if (whom === 'group') gateway.killGroup('SIGTERM');
      else gateway.kill('SIGTERM');
      // Each process has seen the signal before the next one comes.
      const lines = new RegExp(Array(workers).fill('"msg":"draining"').join('.*'), 's');
      await gateway.until('stdout', lines);
    }
    const answers = await Promise.all(requests.map((finish) => finish()));
    expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 200 OK']));
    expect(await gateway.result).toBe(0);
    expect(gateway.output.stdout.match(/"drained":true/g)).toHaveLength(workers);
  });
}

/** Requests that take longer than `limits.drainMs`. */
export function stopsInTime(workers: number): void {
  it('cuts off the requests that do not end within limits.drainMs', async () => {
    const gateway = launch(argsOf(workers, 'cut', '[limits]\ndrainMs = 100\nbodyMs = 60000\n'));
    await underWay(await gateway.address(), body(1));
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
    // The leader ends a worker that is too slow to write this line.
    if (workers === 1) expect(gateway.output.stdout).toContain('"drained":false');
  });
}
