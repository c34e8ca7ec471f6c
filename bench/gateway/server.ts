// A server to be measured, in a process of its own: `gateway` is the gateway as `totp-token gateway
// --dev` runs it, with sessions, metrics and log; `empty` answers from an empty Hono handler,
// `reading` from one that reads a JSON body and nothing else. All on the same Node server with the
// same limits. Says its port, ends with its parent.
//
//   node server.js empty|reading|gateway CAPACITY HOSTS_AS_JSON LOG_FILE
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import pino from 'pino';
import { DIST } from '../lib/dist.js';

const [kind = '', capacity = '', hosts = '', logFile = ''] = process.argv.slice(2);
const load = (path: string) => import(pathToFileURL(join(DIST, 'gateway', 'node', path)).href);
const { runGateway } = (await load('run.js')) as typeof import('../../src/server/run.js');
const { GatewayServer } = (await load('server.js')) as typeof import('../../src/server/http.js');
const { parseConfig } = (await load(
  'config.js',
)) as typeof import('../../src/server/config/parse.js');

const config = parseConfig(
  // As --dev has it: a token of the step in which it starts is good at once.
  `listen = "127.0.0.1:0"\n[guard]\ncapacity = ${Number(capacity)}\nrejectStepsBefore = "none"\n`,
  'measured',
  {},
);

async function gateway(): Promise<string> {
  // As the command opens its log on stdout.
  const log = pino.destination({
    dest: logFile,
    sync: false,
    minLength: 4096,
    maxLength: 16 * 1024 * 1024,
    periodicFlush: 200,
  });
  await once(log, 'ready');
  const rules = {};
  const loaded = {
    config,
    hosts: JSON.parse(hosts),
    rules,
    sessionSecret: undefined,
    issueSecret: undefined,
  };
  const { address } = await runGateway(loaded, { log, version: '0' });
  return address;
}

async function handler(): Promise<string> {
  const app = new Hono();
  const answer = () =>
    new Response('{"ok":true}', { headers: { 'content-type': 'application/json' } });
  app.all('*', kind === 'empty' ? answer : async (c) => (await c.req.json()) && answer());
  const hooks = { fetch: (request: Request) => app.fetch(request), responded() {}, refused() {} };
  return new GatewayServer(config.limits, hooks).listen('127.0.0.1:0', { mode: '0660' });
}

const address = await (kind === 'gateway' ? gateway() : handler());
process.on('message', () => process.send?.({ rss: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit());
process.send?.({ address });
