/** Deno and Bun, started with a recipe as its users would. */

import { findBun } from '../../kinds/bun.js';
import { deno, findDeno } from '../../kinds/deno.js';
import type { Consumer } from '../../lib/consumer.js';
import { needed, VARIABLES } from './recipe.js';
import { type Server, startServer } from './server.js';

const port = /http:\/\/127\.0\.0\.1:(\d+)/g;

export function startDeno(project: Consumer): Promise<Server> {
  // The permissions of the documentation, and nothing from the network.
  const args = [
    'run',
    '--no-prompt',
    '--no-remote',
    '--node-modules-dir=manual',
    '--allow-net',
    '--allow-env',
  ];
  return startServer(needed(deno.name, findDeno()), [...args, 'deno.js'], {
    cwd: project.folder,
    env: { ...VARIABLES, PORT: '0', DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    port,
  });
}

export function startBun(project: Consumer): Promise<Server> {
  const env = { ...VARIABLES, PORT: '0', NO_COLOR: '1' };
  return startServer(needed('Bun', findBun()), ['bun.js'], { cwd: project.folder, env, port });
}
