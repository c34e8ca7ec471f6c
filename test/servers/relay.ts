import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A relay between a proxy and the gateway, which records requests, answers in the gateway's place
 * or is cut.
 */
export interface Relay {
  /** The heads of the requests so far, byte for byte as latin1. */
  readonly heads: string[];
  /** The first head, of those so far and later ones, that has `text` in it. */
  headWith(text: string): Promise<string>;
  /**
   * From now on each request gets this answer and does not reach the gateway. Undefined: the
   * gateway answers.
   */
  answerWith(text: string | undefined): void;
  /** From now on connections are refused, as if the gateway did not run. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** @param from - The path of the socket that the proxy knows. @param to - That of the gateway. */
export async function relay(from: string, to: string): Promise<Relay> {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  const arrived = new EventEmitter();
  let scripted: string | undefined;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const server: Server = createServer((socket) => {
    keep(socket);
    socket.on('data', (bytes) => {
      // The proxies send a head in one piece, and none of the requests here has a body with an
      // empty line.
      const text = bytes.toString('latin1');
      if (/^[A-Z]+ \S+ HTTP\/1\.[01]\r\n/.test(text)) {
        heads.push(text.slice(0, text.indexOf('\r\n\r\n')));
        arrived.emit('head');
      }
      if (scripted !== undefined) socket.end(scripted);
    });
    if (scripted !== undefined) return;
    const upstream = connect(to);
    keep(upstream);
    socket.pipe(upstream).pipe(socket);
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
  }).listen(from);
  await once(server, 'listening');
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  const cut = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    hangUp();
    await closed;
  };
  return {
    heads,
    async headWith(text) {
      for (;;) {
        const found = heads.find((head) => head.includes(text));
        if (found !== undefined) return found;
        await once(arrived, 'head');
      }
    },
    answerWith(text) {
      scripted = text;
      hangUp();
    },
    cut,
    close: cut,
  };
}
