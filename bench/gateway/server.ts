// A server to be measured, in a process of its own: `empty` answers from an empty Hono handler, `reading` from one that reads a
// JSON body and nothing else, `gateway` verifies. All on the same Node server with the same limits. Says its port, ends with
// its parent.
//
//   node server.js empty|reading|gateway CAPACITY HOSTS_AS_JSON
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import { DIST } from '../lib/dist.js';

const [kind = '', capacity = '', hosts = ''] = process.argv.slice(2);
const load = (path: string) => import(pathToFileURL(join(DIST, 'gateway', path)).href);
const { createGateway } = (await load('index.js')) as typeof import('../../src/gateway/index.js');
const { GatewayServer } = (await load('node/server.js')) as typeof import('../../src/gateway/node/server.js');
const { parseConfig } = (await load('node/config.js')) as typeof import('../../src/gateway/node/config.js');
const { Metrics } = (await load('node/metrics.js')) as typeof import('../../src/gateway/node/metrics.js');

async function application(): Promise<(request: Request) => Response | Promise<Response>> {
  if (kind !== 'gateway') {
    const app = new Hono();
    const answer = () => new Response('{"ok":true}', { headers: { 'content-type': 'application/json' } });
    app.all('*', kind === 'empty' ? answer : async (c) => (await c.req.json()) && answer());
    return (request) => app.fetch(request);
  }
  const metrics: { verified(event: never): void; batch(counts: never): void } = { verified() {}, batch() {} };
  const gateway = await createGateway({
    hosts: JSON.parse(hosts),
    replay: { capacity: Number(capacity) },
    sessions: false,
    observer: {
      verified: (event) => metrics.verified(event as never),
      batch: (counts) => metrics.batch(counts as never),
      event() {},
      fault() {},
    },
  });
  // Counted as an operator has it; the log's lines are left out, since most run with a throttle.
  Object.setPrototypeOf(metrics, null);
  const real = new Metrics(gateway.verifier, '0');
  real.knowHosts(gateway.verifier.hosts);
  metrics.verified = (event) => real.verified(event);
  metrics.batch = (counts) => real.batch(counts);
  return gateway.fetch;
}

const { limits } = parseConfig(undefined, '', {});
const server = new GatewayServer(limits, { fetch: await application(), responded() {}, refused() {} });
const address = await server.listen('127.0.0.1:0');
process.on('message', () => process.send?.({ rss: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit());
process.send?.({ address });
