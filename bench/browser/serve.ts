import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const PAGE = '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>';

/** Serves files on loopback, and copies of them under `/copy/NUMBER/`. */
export async function serve(files: ReadonlyMap<string, Uint8Array>) {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/(copy\/\d+\/)?/, '');
    const body = path === '' ? PAGE : files.get(path);
    // In an isolated page, the clock has a resolution of 5 µs instead of 100.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('content-type', path === '' ? 'text/html' : 'text/javascript');
    response.writeHead(body === undefined ? 404 : 200).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
