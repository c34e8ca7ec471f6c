/** The bench that Chromium runs imports modules of Node only in the peers that measure them. */
import { expect, it } from 'vitest';
import { bundleForBrowsers } from '../../bench/browser/bundle.js';

const IMPORT = /(?:from|import)\s*"([^"]+)"/g;

it('bundles the bench for browsers without modules of Node', async () => {
  const files = await bundleForBrowsers();
  const needed = (name: string, seen = new Set<string>()): Set<string> => {
    seen.add(name);
    const text = new TextDecoder().decode(files.get(name));
    for (const [, path = ''] of text.matchAll(IMPORT)) {
      const next = path.startsWith('node:') ? path : path.replace(/^(\.\.?\/)+/, '');
      if (!seen.has(next)) needed(next, seen);
    }
    return seen;
  };
  const ofNode = (name: string) => [...needed(name)].filter((each) => each.startsWith('node:'));
  for (const name of [
    'page',
    'ways/ways',
    'library/index',
    'peers/verifier',
    'peers/web-crypto',
    'peers/noble-midstate',
  ]) {
    expect(files.has(`${name}.js`), name).toBe(true);
    expect(ofNode(`${name}.js`), name).toEqual([]);
  }
  expect(ofNode('peers/node-create-hmac.js')).toEqual(['node:crypto']);
});
