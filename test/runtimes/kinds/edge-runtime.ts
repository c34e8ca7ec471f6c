import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';
import { run } from '../../../tools/testbed/child.js';
import { firstThatExists, inPackage } from '../../../tools/testbed/packages.js';
import { type Runtime, reportOf } from './runtime.js';

/**
 * Vercel makes a global of each module that is imported with `?module`, compiled when the function
 * is deployed.
 */
const asVercel: Plugin = {
  name: 'compiled by the host',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: 'compiled' }));
    onLoad({ filter: /./, namespace: 'compiled' }, () => ({
      contents: 'export default wasm_core;',
    }));
  },
};

/** A process of its own, as the virtual machine shares its host's memory and threads. */
const HOST = (
  edgeRuntime: string,
  wasm: string,
  code: string,
) => `import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const { EdgeRuntime } = createRequire(import.meta.url)(${JSON.stringify(edgeRuntime)});
const wasm_core = await WebAssembly.compile(readFileSync(${JSON.stringify(wasm)}));
const runtime = new EdgeRuntime({ extend: (context) => Object.assign(context, { wasm_core }) });
// No code may be made from strings there: the one that is run comes from outside.
console.log(JSON.stringify(await runtime.evaluate(readFileSync(${JSON.stringify(code)}, 'utf8'))));
`;

export const edgeRuntime: Runtime = {
  name: 'Vercel edge-runtime',
  advice: 'npm run test:slow installs it',
  async find() {
    const manifest = firstThatExists([inPackage('edge-runtime', 'package.json')]);
    if (manifest === undefined) return undefined;
    return {
      version: JSON.parse(readFileSync(manifest, 'utf8')).version,
      async run(consumer, timed) {
        const text = `import { runSuite } from '../suite.js';
globalThis.report = runSuite({ timed: ${timed}, hasThreads: false });
`;
        const code = await consumer.bundle('edge-runtime/function', text, {
          conditions: ['edge-light'],
          format: 'iife',
          footer: { js: 'globalThis.report' },
          plugins: [asVercel],
        });
        const main = createRequire(manifest).resolve('edge-runtime');
        const wasm = consumer.path('node_modules', 'totp-token', 'dist', 'core.wasm');
        return reportOf(
          await run(process.execPath, [consumer.write('edge.js', HOST(main, wasm, code))]),
        );
      },
    };
  },
};
