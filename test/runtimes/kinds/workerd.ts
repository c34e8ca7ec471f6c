import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { BuildOptions } from 'esbuild';
import { Child, run } from '../../../tools/testbed/child.js';
import { firstThatExists, inPlatformPackage, onPath } from '../../../tools/testbed/packages.js';
import { type Runtime, versionIn } from './runtime.js';

const COMPATIBILITY_DATE = '2026-01-01';

/**
 * Bundled as wrangler does it: its conditions, and .wasm files beside the worker as modules of
 * their own.
 */
export const AS_WRANGLER: BuildOptions = {
  conditions: ['workerd', 'worker', 'browser'],
  loader: { '.wasm': 'copy' },
};

const PACKAGES = {
  'linux-x64': '@cloudflare/workerd-linux-64',
  'linux-arm64': '@cloudflare/workerd-linux-arm64',
  'darwin-x64': '@cloudflare/workerd-darwin-64',
  'darwin-arm64': '@cloudflare/workerd-darwin-arm64',
};

/** Where workerd is. */
export const findWorkerd = (): string | undefined =>
  firstThatExists([
    process.env.TOTP_TOKEN_WORKERD,
    inPlatformPackage(PACKAGES, 'bin', 'workerd'),
    onPath('workerd'),
  ]);

/** A worker that runs, and answers requests. */
export interface Worker {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts workerd with a bundled worker and the .wasm files beside it. */
export async function startWorker(file: string, folder: string, main: string): Promise<Worker> {
  const wasm = readdirSync(folder).filter((name) => name.endsWith('.wasm'));
  const modules = [
    `(name = "${main}", esModule = embed "${main}")`,
    ...wasm.map((name) => `(name = "${name}", wasm = embed "${name}")`),
  ];
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [${modules.join(', ')}], compatibilityDate = "${COMPATIBILITY_DATE}"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
  writeFileSync(join(folder, 'config.capnp'), config);
  const child = new Child(file, ['serve', 'config.capnp', '--control-fd=1'], { cwd: folder });
  let isOver = false;
  void child.ended.then(() => {
    isOver = true;
  });
  // It says on the control descriptor which port it got.
  while (!isOver) {
    const port = /"port":(\d+)/.exec(child.stdout)?.[1];
    if (port !== undefined) return { url: `http://127.0.0.1:${port}/`, stop: () => child.stop() };
    await setTimeout(50);
  }
  await child.stop();
  throw new Error(`workerd did not start\n${child.stdout}${child.stderr}`);
}

export const workerd: Runtime = {
  name: 'workerd',
  advice:
    'npm run test:slow installs it on Linux and macOS; elsewhere let TOTP_TOKEN_WORKERD name one',
  async find() {
    const file = findWorkerd();
    if (file === undefined) return undefined;
    return {
      version: versionIn(inVersion(await run(file, ['--version']))),
      async run(consumer, timed) {
        const text = `import { runSuite } from '../suite.js';
export default { fetch: async () => Response.json(await runSuite({ timed: ${timed}, hasThreads: false })) };
`;
        await consumer.bundle('workerd/worker', text, AS_WRANGLER);
        const worker = await startWorker(file, consumer.path('bundled', 'workerd'), 'worker.js');
        try {
          const response = await fetch(worker.url);
          if (!response.ok)
            throw new Error(`workerd answered ${response.status}: ${await response.text()}`);
          return await response.json();
        } finally {
          await worker.stop();
        }
      },
    };
  },
};

/** It says "workerd 2026-11-17"; its package's version ends alike. */
const inVersion = (text: string) => text.replaceAll('-', '.');
