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

/** Where the gateway serves, known when it says so. @type {string | undefined} */
let gateway;
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = /** @type {typeof write} */ (
  (text, ...rest) => {
    gateway ??= /totp-token gateway at (http\S+)/.exec(String(text))?.[1];
    return write(text, .../** @type {[]} */ (rest));
  }
);

const app = new Hono()
  // The page may ask no other host, so this one passes its questions on.
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
// The page ends with the process, whatever the gateway ends by.
page.listen(0, '127.0.0.1').unref();
await once(page, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (page.address());
process.stderr.write(`A token taken apart, in a browser: http://127.0.0.1:${port}/?gateway\n`);

// Someone who tries it out wants to know why a token is refused. A service tells nobody.
process.env.TOTP_TOKEN_GATEWAY_AUTH_REASONS ??= 'true';
const file = join(ROOT, 'dist', 'cli', 'main.js');
process.argv.splice(1, Infinity, file, 'gateway', '--dev', ...process.argv.slice(2));

// npm gives a signal to the shell that it runs scripts by, and that shell may end without passing
// it on.
const parent = process.ppid;
const look = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM');
setInterval(look, PARENT_MS).unref();

await import(pathToFileURL(file).href);
