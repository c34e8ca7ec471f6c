import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { DovecotSession } from '../gateway/protocols/dovecot.js';
import type { Check, Realm } from '../gateway/protocols/sasl-attempt.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { Config } from './config/schema.js';
import { listenAt, type SocketAccess } from './listen.js';

export interface DovecotHooks {
  readonly check: Check;
  /** Hosts that have keys. */
  readonly hosts: () => readonly string[];
  /** A connection was turned away or cut off. */
  readonly refused: () => void;
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
}

interface Client {
  readonly session: DovecotSession;
  readonly standing: Standing;
}

/** Listens for the clients of Dovecot's authentication protocol. */
export class DovecotServer {
  readonly #server: Server;
  readonly #clients = new Map<Socket, Client>();
  readonly #hooks: DovecotHooks;
  readonly #clock: () => number;
  readonly #defaultHost: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connections = 0;

  constructor(
    { host, connections }: Pick<Config['dovecot'], 'host' | 'connections'>,
    hooks: DovecotHooks,
  ) {
    this.#hooks = hooks;
    this.#clock = hooks.clock ?? (() => performance.now());
    this.#defaultHost = host;
    // A client may end its side and still read its answers.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    this.#server.maxConnections = connections;
    this.#server.on('drop', hooks.refused);
  }

  async listen(address: string, access: SocketAccess): Promise<string> {
    const at = await listenAt(this.#server, address, 'dovecot.listen', access);
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
   * Cuts off clients that have taken too long, and forgets attempts that have. Called each second.
   */
  cutOffOverdue(): void {
    const now = this.#clock();
    for (const [socket, { session, standing }] of this.#clients) {
      session.expire();
      if (now - standing.since < MOST_MS[standing.state]) continue;
      if (standing.state !== 'ended') this.#hooks.refused();
      socket.destroy();
    }
  }

  #serve(socket: Socket): void {
    const { check, hosts, refused } = this.#hooks;
    const standing: Standing = { state: 'greeted', since: this.#clock() };
    const become = (state: Standing['state']) => {
      if (standing.state === state || standing.state === 'ended') return;
      standing.state = state;
      standing.since = this.#clock();
    };
    const session = new DovecotSession({
      check,
      realmOf: (service) => realmOf(service, hosts(), this.#defaultHost),
      send: (text) => {
        const hasRoom = socket.write(text);
        if (!hasRoom) become('unread');
        return hasRoom;
      },
      read: (isWanted) => (isWanted ? socket.resume() : socket.pause()),
      close: (isFault) => {
        become('ended');
        if (isFault) {
          refused();
          // Its side stays open: the system drops answers on their way when input is left unread.
          socket.end();
        } else {
          socket.destroySoon();
        }
      },
      processId: process.pid,
      connectionId: ++this.#connections,
      cookie: randomBytes(16).toString('hex'),
      clock: this.#clock,
    });
    this.#clients.set(socket, { session, standing });
    socket
      .setEncoding('latin1')
      .on('data', (text: string) => {
        session.receive(text);
        if (session.isClient && standing.state === 'greeted') become('open');
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

/**
 * Prosody can name a host as its service, which counts alone then. Else the host is the one of the
 * configuration, or the only one; for XMPP that one alone, too, while a mail server's users may
 * have any.
 */
export function realmOf(
  service: string | undefined,
  hosts: readonly string[],
  chosen: string | undefined,
): Realm {
  // The protocol's text has a char a byte.
  const named = prepareJid(`x@${Buffer.from(service ?? '', 'latin1')}`)?.slice(2);
  if (named !== undefined && hosts.includes(named)) return { host: named, isFixed: true };
  // A host whose keys are gone must not become another one. No kind of service has a dot in its
  // name.
  if (service?.includes('.')) return { host: undefined, isFixed: true };
  return {
    host: chosen ?? (hosts.length === 1 ? hosts[0] : undefined),
    isFixed: service === 'xmpp',
  };
}
