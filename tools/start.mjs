// `npm start`: the gateway, in this process so that signals reach it without a detour, and the page
// at an address of its own. Arguments go to the gateway.
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { ROOT } from './lib/process.mjs';

/** How often it looks whether who started it is there. */
const PARENT_MS = 500;

const page = createAdaptorServer(
  new Hono().get('*', serveStatic({ root: join(ROOT, 'build', 'page') })),
);
// The page needs nothing of the gateway. It ends with the process, whatever the gateway ends by.
page.listen(0, '127.0.0.1').unref();
await once(page, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (page.address());
process.stderr.write(`A token taken apart, in a browser: http://127.0.0.1:${port}/\n`);

const file = join(ROOT, 'dist', 'cli', 'main.js');
process.argv.splice(1, Infinity, file, 'gateway', '--dev', ...process.argv.slice(2));

// npm gives a signal to the shell that it runs scripts by, and that shell may end without passing
// it on.
const parent = process.ppid;
const look = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM');
setInterval(look, PARENT_MS).unref();

await import(pathToFileURL(file).href);
