import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface CgiRequest {
  readonly method: string;
  readonly target: string;
  /** The headers as CGI variables: `HTTP_X_AUTH_JID`. */
  readonly env: Readonly<Record<string, string>>;
  readonly body: string;
  /** The fields behind the body, RFC 9110 §6.5, as `env`. */
  readonly trailers: Readonly<Record<string, string>>;
}

export interface CgiApp {
  readonly port: number;
  /** The requests that reached it so far. */
  readonly requests: CgiRequest[];
  /** Connections that were opened to it so far. */
  readonly connections: () => number;
  close(): void;
}

/**
 * An application with WebSockets at /chat, and a page /fails that is answered 500, which sees
 * headers as WSGI, CGI, Rack and PHP ones do: `X-Auth-Jid` and `x_auth_jid` are one variable (RFC
 * 3875 §4.1.18), and values of one name are joined by a comma. As with lighttpd, every other
 * character becomes an underscore as well.
 */
export async function cgiApp(): Promise<CgiApp> {
  const requests: CgiRequest[] = [];
  let connections = 0;
  const seen = async (request: IncomingMessage): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const env = variablesOf(request.rawHeaders);
    const trailers = variablesOf(request.rawTrailers);
    requests.push({ method: request.method!, target: request.url!, env, body, trailers });
  };
  const server = createServer({ maxHeaderSize: 64 * 1024 }, async (request, response) => {
    await seen(request);
    if (request.url === '/fails') response.statusCode = 500;
    response.end('the application');
  });
  server.on('connection', () => connections++);
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    requests.push({
      method: 'GET',
      target: request.url!,
      env: variablesOf(request.rawHeaders),
      body: '',
      trailers: {},
    });
    if (request.url !== '/chat')
      return socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (data) => client.send(`echo ${data}`));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    close() {
      sockets.close();
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}

function variablesOf(rawHeaders: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = `HTTP_${rawHeaders[i]!.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
    const value = rawHeaders[i + 1]!;
    env[name] = name in env ? `${env[name]},${value}` : value;
  }
  return env;
}
