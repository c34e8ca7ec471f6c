import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SCRATCH } from './paths.js';

/** Passes the path of the copy to the processes that a run starts. */
const COPY = 'TOTP_TOKEN_BENCH_COPY';

/**
 * The measured library. It is a copy made at the start, so that a build during a run does not
 * change it. `TOTP_TOKEN_DIST` names another build than dist/.
 */
export const DIST = process.env[COPY] ?? copyOf(process.env.TOTP_TOKEN_DIST ?? join(ROOT, 'dist'));

function copyOf(dist: string): string {
  const copy = join(SCRATCH, `dist-${process.pid}`);
  mkdirSync(SCRATCH, { recursive: true });
  cpSync(dist, copy, { recursive: true, filter: (path) => !/\.d\.ts$|[\\/]cli$/.test(path) });
  // Without this file, the package's own manifest would be found above, and would lead back to the
  // core in dist/.
  const core = { workerd: './wasm/core-source-workerd.js', default: './wasm/core-source.js' };
  const manifest = { type: 'module', imports: { '#core': core } };
  writeFileSync(join(copy, 'package.json'), JSON.stringify(manifest));
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  process.env[COPY] = copy;
  return copy;
}
