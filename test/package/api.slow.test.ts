/** The reference: every export has a docstring, and every link in a docstring has a target. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildApi } from '../../tools/lib/api.mjs';
import { tempFolder } from './temp.js';

const folder = tempFolder();

it('the reference covers every export with a docstring', () => {
  buildApi(join(folder, 'api'));
  for (const page of [
    'modules/index',
    'modules/xmpp',
    'modules/pool',
    'modules/gateway',
    'modules/guards_lmdb',
  ]) {
    expect(existsSync(join(folder, 'api', `${page}.html`)), page).toBe(true);
  }
  expect(existsSync(join(folder, 'api', 'functions', 'index.createVerifier.html'))).toBe(true);
});
