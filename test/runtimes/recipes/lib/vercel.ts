import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';
import { firstThatExists, inPackage } from '../../../../tools/testbed/packages.js';
import type { Consumer } from '../../lib/consumer.js';
import { needed, VARIABLES } from './recipe.js';
import { type Server, startServer } from './server.js';

/** A module that is imported with `?module` becomes a global, compiled by the host. */
const compiledByTheHost: Plugin = {
  name: 'compiled by the host',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: 'compiled' }));
    onLoad({ filter: /./, namespace: 'compiled' }, () => ({
      contents: 'export default globalThis.wasm_core',
    }));
  },
};

/**
 * The host that `vercel dev` starts: the function is a CommonJS module, and answers fetch events.
 */
const HOST = (
  edgeRuntime: string,
  wasm: string,
  code: string,
) => `import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const { EdgeRuntime, runServer } = createRequire(import.meta.url)(${JSON.stringify(edgeRuntime)});
const wasm_core = await WebAssembly.compile(readFileSync(${JSON.stringify(wasm)}));
const initialCode = readFileSync(${JSON.stringify(code)}, 'utf8') + \`
  addEventListener('fetch', (event) => event.respondWith(module.exports.default(event.request)));\`;
const extend = (context) => Object.assign(context, { module: {}, process: { env: process.env }, wasm_core });
const { url } = await runServer({ runtime: new EdgeRuntime({ initialCode, extend }), host: '127.0.0.1' });
console.log(url);
`;

/** Builds vercel.js as Vercel’s builder does, and serves it. */
export async function startVercel(project: Consumer): Promise<Server> {
  const code = await project.bundle(
    'vercel/function',
    "export * from '../vercel.js';\nexport { default } from '../vercel.js';\n",
    {
      platform: 'browser',
      conditions: ['edge-light'],
      format: 'cjs',
      plugins: [compiledByTheHost],
    },
  );
  const manifest = needed(
    'edge-runtime',
    firstThatExists([inPackage('edge-runtime', 'package.json')]),
  );
  const main = createRequire(manifest).resolve('edge-runtime');
  const wasm = project.path('node_modules', 'totp-token', 'dist', 'core.wasm');
  const host = project.write('vercel-host.js', HOST(main, wasm, code));
  return startServer(process.execPath, [host], {
    env: VARIABLES,
    port: /http:\/\/127\.0\.0\.1:(\d+)/g,
  });
}
