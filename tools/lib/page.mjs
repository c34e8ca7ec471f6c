// Builds the browser page: bench/page to build/page, as files for any web server.
import { renew } from './fingerprint.mjs';
import { step, tool } from './process.mjs';

/** @type {import('./fingerprint.mjs').Product} */
const PAGE = {
  name: 'page',
  inputs: ['bench/page', 'dist', 'node_modules/vite/package.json', 'tools/lib/page.mjs'],
  outputs: ['build/page'],
};

/** Makes build/page/ if it is out of date. */
export function buildPage() {
  renew(PAGE, () =>
    step(
      'page',
      tool('vite', ['build', '--config', 'bench/page/vite.config.ts', '--logLevel', 'warn']),
    ),
  );
}
