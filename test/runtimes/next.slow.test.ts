/**
 * A route of Next.js in its edge runtime, with the packed package, built by both bundlers, and
 * run.
 */
import { rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { npm } from '../../tools/lib/process.mjs';
import { Child, run } from '../../tools/testbed/child.js';
import { notRun } from '../../tools/testbed/not-run.js';
import { tempFolder } from '../package/temp.js';
import { app, WORKS } from './lib/app.js';
import { Consumer } from './lib/consumer.js';

/** No dev dependency: it is larger than all of them together, and only this slow suite uses it. */
const PACKAGES = ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'];

const ROUTE = `${app('totp-token')}
export const config = { runtime: 'edge' };
export default async () => Response.json([await tryIt(), typeof EdgeRuntime]);
`;

describe('the edge runtime of Next.js', { timeout: 600_000 }, () => {
  const folder = tempFolder();
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
  let consumer: Consumer;
  let next: string;

  beforeAll(async () => {
    const install = npm(['install', '--no-audit', '--no-fund', '--no-package-lock', ...PACKAGES]);
    await run(install.file, install.args, { cwd: folder }).catch((error) => {
      if (/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT)\b/.test(error.message)) {
        notRun('Next.js', 'npm installs it, with a network');
      }
      throw error;
    });
    consumer = await Consumer.make(folder);
    consumer.write('pages/api/edge.js', ROUTE);
    next = consumer.path('node_modules', 'next', 'dist', 'bin', 'next');
  }, 300_000);

  for (const bundler of ['--turbopack', '--webpack']) {
    it(`verifies tokens in a route that is built with ${bundler}`, async () => {
      rmSync(consumer.path('.next'), { recursive: true, force: true });
      await run(process.execPath, [next, 'build', bundler], {
        cwd: folder,
        env,
      });
      const server = new Child(
        process.execPath,
        [next, 'start', '--port', '0', '--hostname', '127.0.0.1'],
        {
          cwd: folder,
          env,
        },
      );
      try {
        const url = await addressOf(server);
        expect(await (await fetch(`${url}/api/edge`)).json()).toEqual([WORKS, 'string']);
      } finally {
        await server.stop();
      }
    });
  }
});

/** The address that the server prints. */
async function addressOf(server: Child): Promise<string> {
  for (let i = 0; i < 600; i++) {
    const url = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(server.stdout)?.[0];
    if (url !== undefined && server.stdout.includes('Ready')) return url;
    await setTimeout(100);
  }
  throw new Error(`it did not start\n${server.stdout}${server.stderr}`);
}
