import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  wasm: 'application/wasm',
};

/** The pages of a site by path: a text, or the path of a file. */
export type Site = Readonly<Record<string, { readonly text: string } | { readonly file: string }>>;

/** A server on loopback. A page sends its result to `POST /report`. */
export interface WebServer {
  readonly url: string;
  /** The first report. */
  readonly report: Promise<unknown>;
  close(): void;
}

export async function serve(
  site: Site,
  headers: Readonly<Record<string, string>> = {},
): Promise<WebServer> {
  let take: (report: unknown) => void = () => undefined;
  const report = new Promise<unknown>((resolve) => {
    take = resolve;
  });
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    if (request.method === 'POST' && path === '/report') {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      response.writeHead(204).end();
      take(JSON.parse(text));
      return;
    }
    const entry = Object.hasOwn(site, path) ? site[path] : undefined;
    if (entry === undefined) {
      response.writeHead(404).end();
      return;
    }
    const extension = path === '/' ? 'html' : path.replace(/^.*\./, '');
    response.writeHead(200, { 'content-type': TYPES[extension] ?? 'text/plain', ...headers });
    response.end('text' in entry ? entry.text : readFileSync(entry.file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    report,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
