import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { DIST } from '../lib/dist.js';
import { ROOT } from '../lib/paths.js';
import { HOSTS, type Subject } from './measure.js';
import type { Store } from './store.js';

const WORKERD =
  process.env.TOTP_TOKEN_WORKERD ??
  join(
    ROOT,
    'test',
    'runtimes',
    'npm',
    'node_modules',
    '@cloudflare',
    'workerd-linux-64',
    'bin',
    'workerd',
  );
const COMPATIBILITY_DATE = '2026-01-01';

const WORKER = `
import { createGuardedVerifier } from './index.js';
import { durableObjectGuard } from './guards/durable-object/index.js';
export { ReplayShard } from './guards/durable-object/index.js';
let verifier;
export default {
  async fetch(request, { HOSTS, REPLAY }) {
    const guard = durableObjectGuard(REPLAY);
    verifier ??= createGuardedVerifier({ hosts: JSON.parse(HOSTS), guard, guardTimeoutMs: 30_000 });
    const { jids, tokens } = await request.json();
    const { accepted } = await (await verifier).verifyBatch(jids, tokens);
    return Response.json({ accepted });
  },
};`;

/**
 * Runs Durable Objects in workerd with a disk, if workerd is installed. The verifier runs there
 * too, and is asked over HTTP.
 */
export async function durableObject(): Promise<Store | undefined> {
  if (!existsSync(WORKERD)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-bench-workerd-'));
  writeFileSync(join(folder, 'config.capnp'), configuration(await bundle(folder)));
  mkdirSync(join(folder, 'disk'));
  const child = spawn(WORKERD, ['serve', 'config.capnp', '--control-fd=1'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Ends workerd even if a measurement fails.
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await urlOf(child);
  const subject: Subject = {
    async verifyBatch(jids, tokens) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ jids, tokens }) });
      return (await response.json()) as { accepted: number };
    },
    dispose() {},
  };
  return {
    name: 'Durable Objects in workerd, asked over HTTP',
    connections: [1, 2, 4, 8],
    pids: [child.pid ?? 0],
    subjects: async (count) => Array(count).fill(subject),
    bytes: async () => 0,
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Bundles as wrangler does.
 *
 * @returns The names of the modules, with the worker first.
 */
async function bundle(folder: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: WORKER, resolveDir: DIST, sourcefile: 'worker.js' },
    outfile: join(folder, 'worker.js'),
    bundle: true,
    metafile: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    loader: { '.wasm': 'copy' },
    external: ['cloudflare:workers'],
    // With the repository's settings, the core of src/ would be used.
    tsconfigRaw: {},
  });
  const others = Object.keys(metafile.outputs).filter((path) => path.endsWith('.wasm'));
  return ['worker.js', ...others.map((path) => basename(path))];
}

function configuration(files: readonly string[]): string {
  const modules = files.map((name) =>
    name.endsWith('.wasm')
      ? `(name = "${name}", wasm = embed "${name}")`
      : `(name = "${name}", esModule = embed "${name}")`,
  );
  const hosts = JSON.stringify(JSON.stringify(HOSTS));
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules.join(', ')}], compatibilityDate = "${COMPATIBILITY_DATE}",
      bindings = [(name = "HOSTS", text = ${hosts}), (name = "REPLAY", durableObjectNamespace = "ReplayShard")],
      durableObjectNamespaces = [(className = "ReplayShard", uniqueKey = "ReplayShard", enableSql = true)],
      durableObjectStorage = (localDisk = "disk"))),
    (name = "disk", disk = (path = "disk", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

/** Reads the port from workerd's control descriptor. */
async function urlOf(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const text of child.stdout ?? []) {
    said += text;
    const port = /"port":(\d+)/.exec(said)?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}/`;
  }
  throw new Error('workerd did not start');
}
