import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../tools/lib/process.mjs';
import type { FuzzTarget } from './target.js';

/** All files of `targets/`, in order. */
export async function allTargets(): Promise<readonly FuzzTarget[]> {
  const names = readdirSync(join(ROOT, 'test', 'fuzz', 'targets'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  return Promise.all(
    names.map(
      async (name) => ((await import(`./targets/${name}.ts`)) as { target: FuzzTarget }).target,
    ),
  );
}
