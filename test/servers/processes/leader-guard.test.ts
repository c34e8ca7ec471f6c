/**
 * The guard that the leader holds for all workers: whichever process stops, dies or misbehaves, no
 * token is accepted twice, and none that was accepted is forgotten.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KEYS, temporaryFolder } from '../../unit/cli/binary.js';
import { freshToken, verify } from '../../unit/cli/gateway-process.js';
import { launch } from './gateway.js';

const PRELOAD = pathToFileURL(fileURLToPath(new URL('guard-preload.mjs', import.meta.url))).href;
const folder = temporaryFolder();
folder.file('keys.json', JSON.stringify({ hosts: KEYS }));

/** Two workers with the guard that they have by default. */
function start(timeoutMs: number, env: Record<string, string> = {}) {
  const config = folder.file(
    `${timeoutMs}.toml`,
    `listen = "127.0.0.1:0"\nkeys = "keys.json"\nworkers = 2\n[guard]\ntimeoutMs = ${timeoutMs}\nrejectStepsBefore = "none"\n`,
  );
  return launch(['--config', config], { env });
}

type Launched = ReturnType<typeof launch>;
const listening = (gateway: Launched, worker: number) =>
  gateway.until('stdout', new RegExp(`"worker":${worker},[^\\n]*"msg":"listening"`));
const ends = async (gateway: Launched) => {
  gateway.kill('SIGTERM');
  expect(await gateway.result).toBe(0);
  await gateway.allGone();
};
const tokens = (count: number, first: number) =>
  Array.from({ length: count }, (_, i) => freshToken(first + i));

/** A connection to one worker, which stays open. */
function connection(address: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(address);
  const status = (token: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const options = { agent, hostname, port, path: '/v1/verify', method: 'POST', headers };
      request(options, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
        .on('error', reject)
        .end(JSON.stringify({ jid: 'alice@example.com', token }));
    });
  return { status, close: () => agent.destroy() };
}

describe.runIf(process.platform !== 'win32')('the guard of the leader', () => {
  /** The gateway of the first two tests. */
  let shared: Launched;

  it('accepts no token twice when a worker is killed while it asks', async () => {
    const gateway = start(60_000);
    shared = gateway;
    const address = await gateway.address();
    const shown = tokens(300, 1000);
    const [victim] = gateway.workers();
    const first = new Set<string>();
    await Promise.all(
      shown.map(async (token, i) => {
        if (i === 150) process.kill(victim!, 'SIGKILL');
        // A request at the killed worker gets no answer.
        const status = await verify(address, token).then(
          (answer) => answer.status,
          () => 0,
        );
        if (status === 200) first.add(token);
      }),
    );
    await listening(gateway, 3);
    const again = await Promise.all(shown.map((token) => verify(address, token)));
    again.forEach(({ status }, i) => {
      if (status === 200) expect(first.has(shown[i]!)).toBe(false);
      else expect(status).toBe(401);
    });
    expect(first.size).toBeGreaterThan(0);
    const third = await Promise.all(shown.map((token) => verify(address, token)));
    expect(new Set(third.map(({ status }) => status))).toEqual(new Set([401]));
  });

  it('ends the workers when the leader is killed', async () => {
    expect((await verify(await shared.address(), freshToken(3000))).status).toBe(200);
    shared.kill('SIGKILL');
    expect(await shared.result).toBe('SIGKILL');
    await shared.allGone();
  });

  it('accepts nothing while the leader is stopped, and goes on when it runs again', async () => {
    const gateway = start(200);
    // On a loaded machine the first questions may time out, so they are repeated.
    const { status, close } = connection(await gateway.address());
    const [used = '', late = '', next = ''] = tokens(3, 2000);
    let isUsed = false;
    await expect
      .poll(async () => {
        isUsed ||= (await status(used)) !== 503;
        return isUsed;
      })
      .toBe(true);
    gateway.kill('SIGSTOP');
    expect(await status(late)).toBe(503);
    // The worker remembers this token itself and does not ask.
    expect(await status(used)).toBe(401);
    gateway.kill('SIGCONT');
    await expect.poll(() => status(next)).not.toBe(503);
    expect([await status(late), await status(next)]).toEqual([401, 401]);
    close();
    await ends(gateway);
  });

  it('answers one worker while another floods it or sends garbage, and forgets nothing when both are replaced', async () => {
    const [flood, garble] = [join(folder.path, 'flood'), join(folder.path, 'garble')];
    const gateway = start(60_000, {
      NODE_OPTIONS: `--import ${PRELOAD}`,
      FLOOD_GUARD: `1:${flood}`,
      GARBLE_GUARD: `2:${garble}`,
    });
    const address = await gateway.address();
    const shown = tokens(24, 4000);
    const statuses = async () =>
      new Set((await Promise.all(shown.map((t) => verify(address, t)))).map((a) => a.status));
    expect(await statuses()).toEqual(new Set([200]));
    writeFileSync(flood, '');
    expect(await acceptance(address)).toBe(200);
    // The worker gets answers that it has not asked for, and ends.
    await listening(gateway, 3);
    rmSync(flood);
    writeFileSync(garble, '');
    await gateway.until(
      'stderr',
      /a worker sent the guard bytes that are not a question; it is being ended/,
    );
    rmSync(garble);
    await listening(gateway, 4);
    expect(await statuses()).toEqual(new Set([401]));
    await ends(gateway);
  });
});

/**
 * The first acceptance on several new connections, which go to the workers by turns. The flooding
 * worker accepts nothing: it has no time, and then it ends.
 */
const acceptance = (address: string) =>
  Promise.any(
    tokens(6, 5000).map(async (token) => {
      const { status, close } = connection(address);
      try {
        const said = await status(token);
        if (said !== 200) throw new Error(`refused with ${said}`);
        return said;
      } finally {
        close();
      }
    }),
  );
