import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { listenAt, type SocketAccess } from './listen.js';
import { expectProxyHeader, type ProxyProtocolHooks } from './proxy-protocol/expect.js';

/** What a session may do with its connection. */
export interface Connection {
  /** Sends text or bytes. False: the client reads too slowly, until `release` is called. */
  readonly send: (data: string | Uint8Array) => boolean;
  /** Whether input is wanted. */
  readonly read: (isWanted: boolean) => void;
  /** Ends the connection after what was sent. @param isFault - The client broke the protocol. */
  readonly close: (isFault: boolean) => void;
}

/** One side of a protocol, between the bytes of a connection and the gateway. */
export interface ProtocolSession {
  /** Whether the client has said who it is. */
  readonly isClient: boolean;
  /**
   * Undefined: the client may be silent. Else a part of a message has come, whose rest must come
   * soon, and this is its number. Default undefined.
   */
  readonly part?: number | undefined;
  receive(bytes: Buffer): void;
  /** The client has read what was sent. */
  release(): void;
  /** The client sends nothing more. */
  end(): void;
  /** Ends the connection once what is being verified is answered. Takes nothing more. */
  drain(): void;
  /** Called each second. */
  expire?(): void;
  /** The client took too long to say something: tells it, and ends. Default: it is cut off. */
  timeOut?(): void;
}

/** Why a connection was turned away or cut off. */
export type CutOff =
  /** There are as many as there may be. */
  | 'too-many'
  /** The client did not say who it is, or did not end what it began, in time. */
  | 'silent'
  /** The client did not read its answers in time. */
  | 'not-reading'
  /** The client broke the protocol. */
  | 'fault';

export interface ProtocolHooks {
  /** The address's name in the configuration, for messages. */
  readonly field: string;
  /** Connections at a time; the next is turned away. */
  readonly connections: number;
  /** Begins a session on a new connection. */
  readonly open: (connection: Connection) => ProtocolSession;
  /** A connection was turned away or cut off. @param peer - Its address, where it has one. */
  readonly refused: (why: CutOff, peer: string | undefined) => void;
  /** Has a header of the PROXY protocol come first. Default: none is taken. */
  readonly proxyProtocol?: ProxyProtocolHooks | undefined;
  /** Milliseconds since any fixed moment. Default: `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * How long a connection may be in a state, in milliseconds. A client says who it is at once, and
 * may be silent for days after that.
 */
const MOST_MS = {
  /** The client has not said who it is. */
  greeted: 10_000,
  open: Number.POSITIVE_INFINITY,
  /** The client has sent a part of a message. */
  part: 10_000,
  /** The client reads none of the answers that wait for it. */
  unread: 60_000,
  /** The server has ended its side. */
  ended: 60_000,
};
/** How often connections are looked at for that. */
const CHECK_MS = 1000;

/** How a connection stands, and since when by the server's clock. */
interface Standing {
  state: keyof typeof MOST_MS;
  since: number;
  /** The part of a message that is waited for. */
  part?: number | undefined;
}

interface Client {
  readonly session: ProtocolSession;
  readonly standing: Standing;
}

/** Listens for the clients of a protocol whose connections last, with limits on what one can hold. */
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

  /** @returns Where it can be reached: `HOST:PORT` or `unix:PATH`. */
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
   * Stops: what is being verified is answered within `drainMs`, the rest is cut off. Clients
   * connect anew to the next process.
   *
   * @returns Whether all was answered.
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
   * Cuts off clients that have taken too long, and lets sessions forget what has. Called each
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
          // Its side stays open: the system drops answers on their way when input is left unread.
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
