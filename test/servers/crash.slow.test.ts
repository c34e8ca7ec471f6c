/**
 * A whole gateway is killed under load: no token that it has answered 200 is accepted by the next
 * one.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RedisProcess } from '../../tools/testbed/redis-process.js';
import { KEYS, SECRET, SEED, temporaryFolder } from '../unit/cli/binary.js';
import { begin, verify } from '../unit/cli/gateway-process.js';
import { tokenOf } from '../unit/token/reference.js';
import { startRedis, stopServers } from './redis/servers.js';

stopServers();

const PERIOD_MS = 30_000;
const ENOUGH = 60;
const AT_ONCE = 6;
const folder = temporaryFolder();
folder.file('keys.json', JSON.stringify({ hosts: KEYS }));

let nonce = 0;
/** Tokens of all steps in the window, in turn: of clocks that are behind and ahead, too. */
function nextToken(): string {
  const step = Math.floor(Date.now() / PERIOD_MS) + ((nonce % 3) - 1);
  return tokenOf({ keys: { otpSeed: SEED, tokenSecret: SECRET }, step, nonce: nonce++ });
}

/**
 * Writes the table `guard`, with `more` at the first start, and acts on the store while the gateway
 * is down.
 */
interface Case {
  readonly guard: (more: string) => Promise<string>;
  readonly meanwhile?: () => Promise<void>;
}

const redis = (...args: string[]) => {
  let server: RedisProcess;
  return {
    guard: async (more: string) => {
      server ??= await startRedis(...args);
      return `[guard]\ntimeoutMs = 60000\nkind = "redis"\n${more}[guard.redis]\nurl = "${server.url}"\n`;
    },
    restart: async () => {
      await server.kill();
      await server.restart();
    },
  };
};
const durable = redis('--appendonly', 'yes', '--appendfsync', 'always');
const forgetful = redis();
const lmdb = (name: string) => async (more: string) =>
  `[guard]\ntimeoutMs = 60000\nkind = "lmdb"\npath = "${name}"\n${more}`;

const CASES: Record<string, Case> = {
  memory: { guard: async (more) => `[guard]\nkind = "memory"\n${more}` },
  LMDB: { guard: lmdb('kept') },
  'LMDB, its folder lost': {
    guard: lmdb('lost'),
    meanwhile: async () => rmSync(join(folder.path, 'lost'), { recursive: true }),
  },
  Redis: { guard: durable.guard },
  'Redis that saves nothing, restarted too': {
    guard: forgetful.guard,
    meanwhile: forgetful.restart,
  },
};

describe.runIf(process.platform !== 'win32')('a gateway that is killed under load', () => {
  it.each(Object.keys(CASES))(
    'with %s never accepts a token again that it has answered with 200',
    async (name) => {
      const { guard, meanwhile } = CASES[name]!;
      const config = (table: string) =>
        folder.file('gateway.toml', `listen = "127.0.0.1:0"\nkeys = "keys.json"\n${table}`);
      // By default a guard accepts nothing so soon after its first start.
      const first = await begin(['--config', config(await guard('rejectStepsBefore = "none"\n'))]);
      const accepted: string[] = [];
      let isDown = false;
      const send = async () => {
        while (!isDown) {
          const token = nextToken();
          const status = await verify(first.address, token).then(
            (answer) => answer.status,
            () => 0,
          );
          if (status === 200) accepted.push(token);
          if (accepted.length >= ENOUGH && !isDown) {
            isDown = true;
            first.child.kill('SIGKILL');
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, send));
      await first.result;
      await meanwhile?.();

      // This guard has its default for rejectStepsBefore.
      const next = await begin(['--config', config(await guard(''))]);
      const again = await Promise.all(
        accepted.map(async (token) => (await verify(next.address, token)).status),
      );
      // 401 is `replayed`. 503 is `stale`: a guard that may have forgotten the token refuses it.
      expect(again.filter((status) => status !== 401 && status !== 503)).toEqual([]);
      expect(again.length).toBeGreaterThanOrEqual(ENOUGH);
      next.child.kill('SIGTERM');
      expect((await next.result).code).toBe(0);
    },
  );
});
