import type { Server, Socket } from 'node:net';
import { isTrustedPeer, markFrom, markLocal, markUnknown } from '../observe/client.js';
import { readProxyHeader } from './header.js';

export interface ProxyProtocolHooks {
  /** The peers that may send the header, as in `proxies.trusted`. Called for each connection. */
  readonly trusted: () => readonly string[];
  /** How long the header may take, in milliseconds. */
  readonly headerMs: number;
  /**
   * Called when a connection is cut off because its peer is not trusted, or sent no valid header in
   * time.
   *
   * @param peer - The peer's own address, if it has one.
   */
  readonly refused: (peer: string | undefined) => void;
}

/**
 * Makes a server read a PROXY protocol header, of either version, at the start of each connection:
 * HAProxy's `doc/proxy-protocol.txt`. The header is required, and only a trusted peer may send it.
 * The specification forbids guessing whether there is a header, because a client could then write
 * one.
 *
 * The server's `connection` listeners get the connection after its header was read. The rest of its
 * bytes is unread, and `remoteAddress` is the client's address. No byte has been parsed as HTTP or
 * as another protocol before.
 *
 * Call this after all `connection` listeners have been added.
 *
 * @param isUnix - Whether the server listens on a unix socket.
 * @returns A function that cuts off the connections whose header has not come. Call it when the
 *   server closes.
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
    // An error here means that the client cut the connection. The server has no fault.
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
    // A port check connects and sends nothing. It is not reported.
    const cutShort = () => (bytes.length > 0 ? refuse() : socket.destroy());
    socket.on('data', read).on('end', cutShort).once('close', forget);
  });

  return () => {
    for (const socket of waiting) socket.destroy();
  };
}

const ignore = (): void => {};
