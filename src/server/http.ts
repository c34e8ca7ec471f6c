import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Config } from './config/schema.js';
import { listenAt, type SocketAccess } from './listen.js';
import { markLocal } from './observe/client.js';
import { expectProxyHeader, type ProxyProtocolHooks } from './proxy-protocol/expect.js';

export interface ServerHooks {
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
  /** Called when a request is answered, with the status and the seconds since its head was read. */
  readonly responded: (status: number, seconds: number) => void;
  /**
   * Called when a connection is turned away because there are too many.
   *
   * @param peer - Its address.
   */
  readonly refused: (peer: string | undefined) => void;
  /** Called when a request is answered with this status before the application sees it. */
  readonly unreadable: (status: number, peer: string | undefined) => void;
  /**
   * If set, every connection must begin with a PROXY protocol header. Default: no header is read.
   */
  readonly proxyProtocol?: ProxyProtocolHooks | undefined;
}

/** How often the limits of connections are checked. */
const CHECK_MS = 1000;
const IDLE_CHECK_MS = 50;
/** The most headers in one request: twice as many as Apache, Envoy and HAProxy take. */
const MOST_HEADERS = 200;

/** Node's HTTP server around an application, with limits on everything that a client can occupy. */
export class GatewayServer {
  readonly #server: Server;
  readonly #proxyProtocol: ProxyProtocolHooks | undefined;
  #cutOffWaiting = (): void => {};
  #isDraining = false;

  constructor(limits: Config['limits'], hooks: ServerHooks) {
    const { fetch, responded, refused, unreadable } = hooks;
    this.#proxyProtocol = hooks.proxyProtocol;
    this.#server = createAdaptorServer({
      fetch: (request, env) => {
        const began = performance.now();
        const incoming = env.incoming as IncomingMessage;
        const status = whyUnreadable(incoming.rawHeaders);
        const done = (response: Response): Response => {
          if (this.#isDraining || status !== undefined || leavesBody(incoming))
            (env.outgoing as ServerResponse).setHeader('connection', 'close');
          responded(response.status, (performance.now() - began) / 1000);
          return response;
        };
        if (status !== undefined) {
          unreadable(status, incoming.socket.remoteAddress);
          return done(new Response(null, { status }));
        }
        const answer = fetch(request, env);
        return answer instanceof Promise ? answer.then(done) : done(answer);
      },
      // The host of requests without a Host header: HTTP/1.0 has none (RFC 1945), and some health
      // checks use it. For HTTP/1.1, Node requires the header.
      hostname: 'localhost',
      createServer,
      serverOptions: {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersMs,
        // Each route has its own time limit for bodies.
        requestTimeout: 0,
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: Math.min(CHECK_MS, limits.headersMs),
      },
    }) as Server;
    // Node silently drops headers above this number, such as the address that a proxy appended.
    // With one more, `whyUnreadable` sees that there are too many.
    this.#server.maxHeadersCount = MOST_HEADERS + 1;
    this.#server.on('drop', (data) => refused(data?.remoteAddress));
    this.#server.on('clientError', (error, socket) =>
      answerParseError(error, socket as Socket, unreadable),
    );
    this.configure(limits);
  }

  /** Applies the limits that can change while the server runs. */
  configure({ connections, idleMs }: Config['limits']): void {
    this.#server.maxConnections = connections;
    // Closes a connection on which no bytes move in either direction.
    this.#server.timeout = idleMs;
  }

  /**
   * @param field - The address's name in the configuration, for messages.
   * @returns Where the server can be reached: a URL, or `unix:PATH`.
   */
  async listen(address: string, access: SocketAccess, field = 'listen'): Promise<string> {
    const isUnix = address.startsWith('unix:');
    if (this.#proxyProtocol !== undefined)
      this.#cutOffWaiting = expectProxyHeader(this.#server, isUnix, this.#proxyProtocol);
    else if (isUnix) this.#server.on('connection', markLocal);
    const at = await listenAt(this.#server, address, field, access);
    return at.startsWith('unix:') ? at : `http://${at}`;
  }

  /**
   * Stops the server. It takes no new connection. Requests under way may end within `drainMs`. The
   * rest is cut off.
   *
   * @returns Whether all connections ended by themselves.
   */
  async close(drainMs: number): Promise<boolean> {
    const closed = once(this.#server, 'close');
    this.#isDraining = true;
    this.#server.close();
    this.#cutOffWaiting();
    const idle = setInterval(() => this.#server.closeIdleConnections(), IDLE_CHECK_MS);
    let isDrained = true;
    const deadline = setTimeout(() => {
      isDrained = false;
      this.#server.closeAllConnections();
    }, drainMs);
    await closed;
    clearInterval(idle);
    clearTimeout(deadline);
    return isDrained;
  }
}

/**
 * Returns the status for a request whose head cannot be trusted, or undefined for any other. 431:
 * it has more headers than are kept. 400: it has two `Host` headers (RFC 9112 §3.2), and a proxy
 * may have read the other one.
 */
function whyUnreadable(rawHeaders: readonly string[]): number | undefined {
  if (rawHeaders.length > MOST_HEADERS * 2) return 431;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // Most headers are told apart by their length alone.
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1 ? 400 : undefined;
}

/**
 * Whether a GET or HEAD is answered before its body has arrived. No route reads such a body, and
 * the adapter ends only the bodies of other methods. So a body that trickles in would hold its
 * connection for good. If this is true, Node closes the connection after the answer.
 */
function leavesBody({ method, complete, rawHeaders }: IncomingMessage): boolean {
  if (complete || (method !== 'GET' && method !== 'HEAD')) return false;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // Most headers are told apart by their length alone.
    if (name.length === 14 && name.toLowerCase() === 'content-length')
      return rawHeaders[i + 1] !== '0';
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return true;
  }
  return false;
}

/** How long, and how many bytes, a connection is still read so that its answer arrives. */
const LINGER_MS = 2000;
const LINGER_BYTES = 1024 * 1024;

const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const closing = new WeakSet<Socket>();

/**
 * Answers a request that Node could not parse, with the statuses that Node gives by itself.
 *
 * Closing a connection while bytes of the client are unread resets it. A client or proxy that is
 * still sending then loses the answer (RFC 9112 §9.6). So our half is closed first, and incoming
 * bytes are read and dropped for a while.
 */
function answerParseError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  unreadable: ServerHooks['unreadable'],
): void {
  if (closing.has(socket)) return;
  closing.add(socket);
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  // Node's own rule: in the middle of another answer, a status line would become part of its body.
  if (!socket.writable || error.code === 'ECONNRESET' || answer?.headersSent) {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? 400;
  unreadable(status, socket.remoteAddress);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  let bytes = 0;
  // Removes the parser, which would fail again at each chunk.
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) socket.destroy();
  });
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
