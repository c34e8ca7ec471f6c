import type { Server, Socket } from 'node:net';
import { isTrustedPeer, markFrom, markLocal, markUnknown } from '../observe/client.js';
import { readProxyHeader } from './header.js';

export interface ProxyProtocolHooks {
  /** Who may send the header, as `proxies.trusted` names them. Asked for each connection. */
  readonly trusted: () => readonly string[];
  /** How long the header may take, in milliseconds. */
  readonly headerMs: number;
  /**
   * A connection was cut off: its peer is not trusted, or sent no good header in time.
   *
   * @param peer - Its own address, where it has one.
   */
  readonly refused: (peer: string | undefined) => void;
}

/**
 * Has a server take a header of the PROXY protocol first on each connection, of either version:
 * HAProxy's `doc/proxy-protocol.txt`. The header is required, and only a trusted peer may send one:
 * the specification forbids to guess whether there is one, since a client could write it then.
 *
 * What listens to `connection` gets the connection once its header is read, with the rest of its
 * bytes unread and the client's address as its `remoteAddress`. So nothing of it has been parsed as
 * HTTP or as another protocol before.
 *
 * Call it when all that listens to `connection` is there.
 *
 * @param isUnix - Whether the server listens on a unix socket.
 * @returns Cuts off the connections whose header has not come: for a server that closes.
 */
export function expectProxyHeader(
  server: Server,
  isUnix: boolean,
  { trusted, headerMs, refused }: ProxyProtocolHooks,
): () => void {
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const waiting = new Set<Socket>();

  server.on('connection', (socket: Socket) => {
    if (isUnix) markLocal(socket);
    // Being cut off by its client is no fault of the server.
    socket.on('error', ignore);
    if (!isTrustedPeer(socket, trusted())) {
      refused(socket.remoteAddress);
      socket.destroy();
      return;
    }
    waiting.add(socket);
    const refuse = () => {
      refused(socket.remoteAddress);
      socket.destroy();
    };
    const timer = setTimeout(refuse, headerMs);
    const forget = () => {
      clearTimeout(timer);
      waiting.delete(socket);
    };
    let bytes: Buffer = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const header = readProxyHeader(bytes);
      if (header === 'more') return;
      socket.pause().off('data', read);
      if (header === 'bad') {
        refuse();
        return;
      }
      forget();
      socket.off('end', cutShort).off('close', forget).off('error', ignore);
      if (header.client === null) markUnknown(socket);
      else if (header.client !== undefined) markFrom(socket, header.client);
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
      for (const listener of listeners) listener.call(server, socket);
      socket.resume();
    };
    // A check whether the port is open sends nothing.
    const cutShort = () => (bytes.length > 0 ? refuse() : socket.destroy());
    socket.on('data', read).on('end', cutShort).once('close', forget);
  });

  return () => {
    for (const socket of waiting) socket.destroy();
  };
}

const ignore = (): void => {};
