import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { listenAt, type SocketAccess } from './listen.js';
import { expectProxyHeader, type ProxyProtocolHooks } from './proxy-protocol/expect.js';

/** The operations of a session on its connection. */
export interface Connection {
  /**
   * Sends text or bytes. Returns false if the client reads too slowly. `release` is called when it
   * has caught up.
   */
  readonly send: (data: string | Uint8Array) => boolean;
  /** Starts or stops the reading of input. */
  readonly read: (isWanted: boolean) => void;
  /**
   * Ends the connection after everything that was sent.
   *
   * @param isFault - The client broke the protocol.
   */
  readonly close: (isFault: boolean) => void;
}

/** The server's side of a protocol, between the bytes of a connection and the gateway. */
export interface ProtocolSession {
  /** Whether the client has identified itself. */
  readonly isClient: boolean;
  /**
   * Undefined while the client may be silent. Otherwise the number of a message of which only a
   * part has come. The rest must come soon. Default: undefined.
   */
  readonly part?: number | undefined;
  receive(bytes: Buffer): void;
  /** Called when the client has read everything that was sent. */
  release(): void;
  /** Called when the client has ended its side. */
  end(): void;
  /** Ends the connection once all verifications under way are answered. Takes no more input. */
  drain(): void;
  /** Called each second. */
  expire?(): void;
  /**
   * Called when the client has been silent for too long. Tells the client, and ends the connection.
   * Default: the client is cut off.
   */
  timeOut?(): void;
}

/** Why a connection was turned away or cut off. */
export type CutOff =
  /** There are too many connections. */
  | 'too-many'
  /** The client did not identify itself, or did not complete a message, in time. */
  | 'silent'
  /** The client did not read its answers in time. */
  | 'not-reading'
  /** The client broke the protocol. */
  | 'fault';

export interface ProtocolHooks {
  /** The address's name in the configuration, for messages. */
  readonly field: string;
  /** The most connections at a time. The next is turned away. */
  readonly connections: number;
  /** Begins a session on a new connection. */
  readonly open: (connection: Connection) => ProtocolSession;
  /**
   * Called when a connection is turned away or cut off.
   *
   * @param peer - Its address, if it has one.
   */
  readonly refused: (why: CutOff, peer: string | undefined) => void;
  /**
   * If set, every connection must begin with a PROXY protocol header. Default: no header is read.
   */
  readonly proxyProtocol?: ProxyProtocolHooks | undefined;
  /** Milliseconds since any fixed moment. Default: `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * How long a connection may stay in a state, in milliseconds. A client identifies itself at once.
 * After that it may be silent for days.
 */
const MOST_MS = {
  /** The client has not identified itself. */
  greeted: 10_000,
  open: Number.POSITIVE_INFINITY,
  /** The client has sent a part of a message. */
  part: 10_000,
  /** The client does not read the answers that wait for it. */
  unread: 60_000,
  /** The server has ended its side. */
  ended: 60_000,
};
/** How often these limits are checked. */
const CHECK_MS = 1000;

/** The state of a connection, and since when, by the server's clock. */
interface Standing {
  state: keyof typeof MOST_MS;
  since: number;
  /** The number of the message whose rest is awaited. */
  part?: number | undefined;
}

interface Client {
  readonly session: ProtocolSession;
  readonly standing: Standing;
}

/**
 * Listens for the clients of a protocol with lasting connections. Limits what a client can occupy.
 */
export class ProtocolServer {
  readonly #server: Server;
  readonly #clients = new Map<Socket, Client>();
  readonly #hooks: ProtocolHooks;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | undefined;
  #cutOffWaiting = (): void => {};

  constructor(hooks: ProtocolHooks) {
    this.#hooks = hooks;
    this.#clock = hooks.clock ?? (() => performance.now());
    // A client may end its side and still read its answers.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#serve(socket),
    );
    this.#server.maxConnections = hooks.connections;
    this.#server.on('drop', (data) => hooks.refused('too-many', data?.remoteAddress));
  }

  /** @returns Where the server can be reached: `HOST:PORT` or `unix:PATH`. */
  async listen(address: string, access: SocketAccess): Promise<string> {
    const { field, proxyProtocol } = this.#hooks;
    if (proxyProtocol !== undefined) {
      const isUnix = address.startsWith('unix:');
      this.#cutOffWaiting = expectProxyHeader(this.#server, isUnix, proxyProtocol);
    }
    const at = await listenAt(this.#server, address, field, access);
    this.#timer = setInterval(() => this.cutOffOverdue(), CHECK_MS).unref();
    return at;
  }

  /**
   * Stops the server. Verifications under way are answered within `drainMs`. The rest is cut off.
   * Clients reconnect to the next process.
   *
   * @returns Whether all verifications were answered.
   */
  async close(drainMs: number): Promise<boolean> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#cutOffWaiting();
    for (const [socket, { session, standing }] of this.#clients) {
      if (standing.state === 'ended') socket.destroySoon();
      else session.drain();
    }
    let isDrained = true;
    const deadline = setTimeout(() => {
      isDrained = false;
      for (const socket of this.#clients.keys()) socket.destroy();
    }, drainMs);
    await closed;
    clearTimeout(deadline);
    clearInterval(this.#timer);
    return isDrained;
  }

  /**
   * Cuts off clients that have taken too long, and lets sessions drop what has expired. Called each
   * second.
   */
  cutOffOverdue(): void {
    const now = this.#clock();
    for (const [socket, { session, standing }] of this.#clients) {
      session.expire?.();
      if (now - standing.since < MOST_MS[standing.state]) continue;
      const isSilent = standing.state === 'greeted' || standing.state === 'part';
      if (isSilent && session.timeOut !== undefined) {
        session.timeOut();
        continue;
      }
      if (standing.state !== 'ended')
        this.#hooks.refused(isSilent ? 'silent' : 'not-reading', socket.remoteAddress);
      socket.destroy();
    }
  }

  #serve(socket: Socket): void {
    const standing: Standing = { state: 'greeted', since: this.#clock() };
    const become = (state: Standing['state']) => {
      if (standing.state === state || standing.state === 'ended') return;
      standing.state = state;
      standing.since = this.#clock();
    };
    const session = this.#hooks.open({
      send: (data) => {
        const hasRoom = socket.write(data);
        if (!hasRoom) become('unread');
        return hasRoom;
      },
      read: (isWanted) => (isWanted ? socket.resume() : socket.pause()),
      close: (isFault) => {
        become('ended');
        if (isFault) {
          this.#hooks.refused('fault', socket.remoteAddress);
          // The client's side stays open. If input were left unread, the system would drop answers
          // on their way.
          socket.end();
        } else {
          socket.destroySoon();
        }
      },
    });
    this.#clients.set(socket, { session, standing });
    socket
      .on('data', (bytes) => {
        session.receive(bytes);
        if (!session.isClient || standing.state === 'unread') return;
        const { part } = session;
        if (part === undefined || part !== standing.part) become('open');
        if (part !== undefined) become('part');
        standing.part = part;
      })
      .on('drain', () => {
        become('open');
        session.release();
      })
      .on('end', () => session.end())
      .on('error', () => {})
      .once('close', () => {
        this.#clients.delete(socket);
        session.drain();
      });
  }
}
