// A server to measure, in its own process. All kinds except `bare` use the gateway's own Node
// server with the same limits. It sends its address to its parent, and ends with it.
//
//   node server.js OPTIONS_AS_JSON
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import pino from 'pino';
import type { Hosts } from '../../src/index.js';
import { ROOT } from '../lib/paths.js';

/** The kind of server. */
export type Kind =
  /** Bare `node:http`, with the answer of `empty`. */
  | 'bare'
  /** An empty Hono handler. */
  | 'empty'
  /** A Hono handler that reads a JSON body and nothing else. */
  | 'reading'
  /** The gateway as `totp-token gateway --dev` runs it: with sessions, metrics and log. */
  | 'gateway';

export interface ServerOptions {
  readonly kind: Kind;
  /** As `listen` of the configuration. */
  readonly listen: string;
  /** For the gateway: the number of processes. */
  readonly workers: number;
  /** For the gateway: lines of its configuration's `[guard]`. */
  readonly guard: string;
  readonly hosts: Hosts;
  /** The file for the gateway's log, as in a service. */
  readonly logFile: string;
}

const options: ServerOptions = JSON.parse(process.argv[2] ?? '');
const { kind, listen, workers, guard, hosts, logFile } = options;
/**
 * The compiled server before it is bundled into the command. The package has no other form of it.
 */
const SERVER = join(ROOT, 'build', 'compiled', 'server');
const load = (path: string) => import(pathToFileURL(join(SERVER, path)).href);
const { runGateway } = (await load('run.js')) as typeof import('../../src/server/run.js');
const { GatewayServer } = (await load('http.js')) as typeof import('../../src/server/http.js');
const { parseConfig } = (await load(
  'config/parse.js',
)) as typeof import('../../src/server/config/parse.js');

const config = parseConfig(
  // As with --dev, a token of the step in which it starts is accepted at once.
  `listen = "${listen}"\nworkers = ${workers}\n[guard]\nrejectStepsBefore = "none"\n${guard}\n`,
  'measured',
  {},
);

/** Opens the log as the command does on stdout. */
async function openLog() {
  const log = pino.destination({
    dest: logFile,
    sync: false,
    minLength: 4096,
    maxLength: 16 * 1024 * 1024,
    periodicFlush: 200,
  });
  await once(log, 'ready');
  return log;
}

async function gateway(): Promise<string> {
  const log = await openLog();
  const loaded = { config, hosts, rules: {}, sessionSecret: undefined, issueSecret: undefined };
  if (workers === 1) return (await runGateway(loaded, { log, version: '0' })).address;
  const { startLeader } = (await load(
    'cluster/leader.js',
  )) as typeof import('../../src/server/cluster/leader.js');
  const [, program = '', ...args] = process.argv;
  const errors = process.stderr;
  return (await startLeader(loaded, { program, args, log, errors, clock: Date.now })).address;
}

async function worker(): Promise<void> {
  const { runWorker } = (await load(
    'cluster/worker.js',
  )) as typeof import('../../src/server/cluster/worker.js');
  await runWorker({ log: await openLog(), version: '0' }, () => process.exit());
}

const BODY = '{"ok":true}';
const TYPE = { 'content-type': 'application/json' };

async function handler(): Promise<string> {
  const app = new Hono();
  const answer = () => new Response(BODY, { headers: TYPE });
  app.all('*', kind === 'empty' ? answer : async (c) => (await c.req.json()) && answer());
  const hooks = {
    fetch: (request: Request) => app.fetch(request),
    responded() {},
    refused() {},
    unreadable() {},
  };
  return new GatewayServer(config.limits, hooks).listen(listen, { mode: '0660' });
}

async function bare(): Promise<string> {
  const headers = { ...TYPE, 'content-length': BODY.length };
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    response.end(BODY);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

if (cluster.isWorker) {
  await worker();
} else {
  const start = kind === 'gateway' ? gateway : kind === 'bare' ? bare : handler;
  const address = await start();
  process.on('disconnect', () => process.exit());
  process.send?.({ address });
}
