// `npm start`: runs the gateway, and serves the page at another address. The gateway runs in this
// process, so that signals reach it directly. Arguments go to the gateway.
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { ROOT } from './lib/process.mjs';

/** How often to check that the parent process still exists. */
const PARENT_MS = 500;

/** The address of the gateway, once it has printed it. @type {string | undefined} */
let gateway;
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = /** @type {typeof write} */ (
  (text, ...rest) => {
    gateway ??= /totp-token gateway at (http\S+)/.exec(String(text))?.[1];
    return write(text, .../** @type {[]} */ (rest));
  }
);

const app = new Hono()
  // The page may send requests only to its own host, so this server forwards them.
  .post('/gateway/verify', async (context) => {
    if (gateway === undefined) return context.json({ error: 'the gateway has no TCP port' }, 503);
    const { status, headers, body } = await fetch(new URL('/v1/verify', gateway), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await context.req.text(),
    });
    const type = headers.get('content-type') ?? 'text/plain';
    return new Response(body, { status, headers: { 'content-type': type } });
  })
  .get('*', serveStatic({ root: join(ROOT, 'build', 'page') }));
const page = createAdaptorServer(app);
// The page's server ends with the process.
page.listen(0, '127.0.0.1').unref();
await once(page, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (page.address());
process.stderr.write(`A token taken apart, in a browser: http://127.0.0.1:${port}/?gateway\n`);

// Somebody who tries it out wants to know why a token is refused. A service would not tell.
process.env.TOTP_TOKEN_GATEWAY_AUTH_REASONS ??= 'true';
const file = join(ROOT, 'dist', 'cli', 'main.js');
process.argv.splice(1, Infinity, file, 'gateway', '--dev', ...process.argv.slice(2));

// npm sends signals to the shell that runs its scripts, and that shell may end without passing them
// on.
const parent = process.ppid;
const look = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM');
setInterval(look, PARENT_MS).unref();

await import(pathToFileURL(file).href);
