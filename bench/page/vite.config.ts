import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page, from what is published: `npm run page` builds that first. */
export default defineConfig({
  root: here('.'),
  // Served from anywhere.
  base: './',
  publicDir: false,
  cacheDir: here('../../build/vite'),
  resolve: {
    alias: {
      'totp-token/xmpp': here('../../dist/xmpp/index.js'),
      'totp-token': here('../../dist/index.js'),
    },
  },
  worker: { format: 'es' },
  // Inlined, a script or a style would break the page's own Content-Security-Policy.
  build: {
    outDir: here('../../build/page'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
  },
});
