/** A start that fails prints one error and ends with its exit code, with one process or several. */
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VerifierError } from '../../../src/errors.js';
import { readConfiguration } from '../../../src/server/load.js';
import { runGateway } from '../../../src/server/run.js';
import { KEYS, temporaryFolder } from '../../unit/cli/binary.js';
import { launch } from './gateway.js';

const folder = temporaryFolder();
folder.file('plain', '');
folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
let files = 0;
const config = (text: string) =>
  folder.file(`gateway-${++files}.toml`, `keys = "keys.json"\n${text}`);
const LMDB = '[guard]\nkind = "lmdb"\npath = "guard"\n';

/** The fault by its name, with the configuration and the error. */
const FAILURES: Readonly<Record<string, readonly [text: () => string, why: RegExp]>> = {
  'a plain file where its socket should be': [
    () => `listen = "unix:${folder.file('plain', '')}"\n${LMDB}`,
    /a file at this path is not a socket/,
  ],
  'a folder that is missing for its socket': [
    () => `listen = "unix:${folder.path}/none/http"\n${LMDB}`,
    /listen: its folder \S+ is missing/,
  ],
  'an address of another machine': [() => `listen = "192.0.2.1:8080"\n${LMDB}`, /EADDRNOTAVAIL/],
  "a plain file where Dovecot's socket should be": [
    () => `listen = "127.0.0.1:0"\n${LMDB}[dovecot]\nlisten = "unix:${folder.file('plain', '')}"\n`,
    /a file at this path is not a socket/,
  ],
  'a Redis server that is down': [
    () =>
      'listen = "127.0.0.1:0"\n[guard]\nkind = "redis"\n[guard.redis]\nurl = "redis://127.0.0.1:1"\n',
    /redis: connect ECONNREFUSED/,
  ],
  'a folder of LMDB that cannot be made': [
    () => 'listen = "127.0.0.1:0"\n[guard]\nkind = "lmdb"\npath = "keys.json/guard"\n',
    /guard\.path: its folder \S+ is a file/,
  ],
  'a configuration of a wrong type': [() => 'listen = 1\n', /listen/],
};

/** Faults that the leader finds before it starts workers, and that each worker finds. */
const OF_SEVERAL = [
  'a plain file where its socket should be',
  'a Redis server that is down',
] as const;

describe('a start in one process', () => {
  it.each(Object.entries(FAILURES))('fails because of %s', async (_what, [text, why]) => {
    let log = '';
    const options = { log: { write: (line: string) => (log += line) }, version: '0.0.0' };
    const start = async () => {
      const { loaded } = await readConfiguration({}, { config: config(text()) });
      await runGateway(loaded, options);
    };
    await expect(start()).rejects.toThrow(VerifierError);
    await expect(start()).rejects.toThrow(why);
    // Only the command prints the error.
    expect(log).toBe('');
    expect(readFileSync(join(folder.path, 'plain'), 'utf8')).toBe('');
  });
});

describe.runIf(process.platform !== 'win32')('a failed start', () => {
  it.each(OF_SEVERAL)(
    'because of %s prints its error once and ends with 2, with 2 workers',
    async (what) => {
      const [text, why] = FAILURES[what]!;
      const gateway = launch(['--config', config(text()), '--workers', '2']);
      expect([await gateway.result, gateway.output.stderr]).toEqual([
        2,
        expect.stringMatching(why),
      ]);
      expect(gateway.output.stderr.match(/error:/g)).toHaveLength(1);
      await gateway.allGone();
    },
  );

  it.each(['1', '2'])(
    'because of a port that is taken prints its error once and ends with 2, with --workers %s',
    async (workers) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const args = ['--workers', workers, '--listen', `127.0.0.1:${port}`];
      const gateway = launch(['--config', config(LMDB), ...args]);
      expect([await gateway.result, gateway.output.stderr]).toEqual([
        2,
        expect.stringMatching(/^error: --listen: .* is taken \(EADDRINUSE\)/),
      ]);
      expect(gateway.output.stderr.match(/error:/g)).toHaveLength(1);
      await gateway.allGone();
      taken.close();
    },
  );

  // Node reports the first by an event, as it does EMFILE, and the second by an exception.
  it.each(['EAGAIN', 'ENOMEM'])(
    'because no process can be started (%s) ends with 2',
    async (code) => {
      const gateway = launch(
        ['--config', config(`listen = "127.0.0.1:0"\n${LMDB}`), '--workers', '2'],
        { env: { FAIL_FORK: folder.file('fail-fork', code) } },
      );
      expect([await gateway.result, gateway.output.stderr]).toEqual([
        2,
        `error: --workers: a process cannot be started (${code}); allow more processes and open files, or set fewer\n`,
      ]);
    },
  );

  it('because a worker is killed while it starts ends with 70', async () => {
    const release = join(folder.path, 'never');
    const gateway = launch(
      ['--config', config(`listen = "127.0.0.1:0"\n${LMDB}`), '--workers', '2'],
      {
        env: { HOLD_LISTEN: `2:${release}` },
      },
    );
    const [, held] = await gateway.until('stderr', /held (\d+)/);
    process.kill(Number(held), 'SIGKILL');
    expect(await gateway.result).toBe(70);
    expect(gateway.output.stderr).toContain('error: a worker ended (SIGKILL) before it served');
    await gateway.allGone();
  });
});

describe.runIf(process.platform !== 'win32')('a signal while the gateway starts', () => {
  for (const workers of [1, 2]) {
    const at = (name: string) => {
      const path = join(folder.path, `${name}-${workers}`);
      mkdirSync(path);
      return {
        release: join(path, 'go'),
        file: config(`listen = "127.0.0.1:0"\nworkers = ${workers}\n${LMDB}`),
      };
    };
    // With several workers the last one holds up the start.
    const id = workers === 1 ? 0 : workers;

    it(`is obeyed when the gateway runs if it is SIGHUP, with --workers ${workers}`, async () => {
      const { release, file } = at('hup');
      const gateway = launch(['--config', file], { env: { HOLD_LISTEN: `${id}:${release}` } });
      await gateway.until('stderr', /held/);
      for (let i = 0; i < 3; i++) gateway.kill('SIGHUP');
      writeFileSync(release, '');
      await gateway.address();
      await gateway.until('stdout', /"msg":"reloaded"/);
      gateway.kill('SIGTERM');
      expect(await gateway.result).toBe(0);
    });

    // Both signals run the same function, so one of them is enough for several workers.
    it.each(workers === 1 ? (['SIGTERM', 'SIGINT'] as const) : (['SIGTERM'] as const))(
      `ends the gateway if it is %s, with --workers ${workers}`,
      async (signal) => {
        const { release, file } = at(signal);
        const gateway = launch(['--config', file], { env: { HOLD_LISTEN: `${id}:${release}` } });
        await gateway.until('stderr', /held/);
        gateway.kill(signal);
        expect(await gateway.result).toBe(0);
        await gateway.allGone();
      },
    );
  }
});
