/** Pools of bundled programs, by the ways that docs/bundlers.md names. esbuild is in consumer.test.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import webpack, { type Configuration } from 'webpack';
import { Consumer } from '../runtimes/lib/consumer.js';
import { run } from './run.js';
import { tempFolder } from './temp.js';

const PAGE = `import { createVerifierPool } from 'totp-token/pool';
globalThis.poolOf = createVerifierPool;
`;
const PROGRAM = `import { createIssuer, generateKeys } from 'totp-token';
import { createVerifierPool } from 'totp-token/pool';
const hosts = { 'example.com': generateKeys() };
const issuer = await createIssuer({ hosts });
const worker = () => new Worker(new URL('./pool-worker.js', import.meta.url), { type: 'module' });
const pool = await createVerifierPool({ hosts, worker, threads: 2, prepareNames: true });
const verdicts = await pool.verifyBatch(['ALICE@example.com'], [issuer.issue('alice@example.com')]);
console.log(String(verdicts));
await pool.close();
`;

const folder = tempFolder();
let consumer: Consumer;
beforeAll(async () => {
  consumer = await Consumer.make(folder);
  consumer.write('page.js', PAGE);
  consumer.write('program.js', PROGRAM);
  consumer.write('pool-worker.js', "import 'totp-token/pool/worker';\n");
});

const pack = (configuration: Configuration): Promise<void> =>
  new Promise((resolve, reject) => {
    webpack({ context: folder, mode: 'production', ...configuration }, (error, stats) => {
      if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString('errors-only')));
      else resolve();
    });
  });

/** The scripts of a bundle that answer a pool, and those that import what is not beside them. */
function scriptsIn(out: string) {
  const names = readdirSync(consumer.path(out), { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.m?js$/.test(name),
  );
  const texts = names.map((name) => readFileSync(consumer.path(out, name), 'utf8'));
  return {
    workers: texts.filter((text) => /["'`]started["'`]/.test(text) && !text.includes('poolOf')),
    lost: texts.filter((text) => /(?:from|import)\s*["']\.\.\//.test(text)),
  };
}

describe('a page with a pool', () => {
  it('has the worker as one more file in a bundle of Vite', async () => {
    await build({
      ...{ root: folder, configFile: false, logLevel: 'silent', worker: { format: 'es' } },
      build: { outDir: 'vite', rollupOptions: { input: consumer.path('page.js') } },
    });
    const { workers, lost } = scriptsIn('vite');
    expect([workers.length, lost.length]).toEqual([1, 0]);
  });

  it('has the worker as one more file in a bundle of webpack', async () => {
    await pack({ target: 'web', entry: './page.js', output: { path: consumer.path('web') } });
    const { workers, lost } = scriptsIn('web');
    expect([workers.length, lost.length]).toEqual([1, 0]);
  });
});

it('a program of Node that webpack bundles runs a pool by the function worker', async () => {
  await pack({
    target: 'node20',
    entry: './program.js',
    output: { path: consumer.path('node'), module: true, chunkFormat: 'module' },
    experiments: { outputModule: true },
  });
  // Away from what it was bundled from.
  expect(run(process.execPath, [consumer.path('node', 'main.mjs')], join(folder, 'node'))).toBe(
    'Verdicts(1) { accepted: 1 }\n',
  );
});
