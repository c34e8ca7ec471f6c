import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { DovecotSession } from '../gateway/protocols/dovecot.js';
import type { Check, Realm } from '../gateway/protocols/sasl-attempt.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { Config } from './config/schema.js';
import { listenAt } from './listen.js';

export interface DovecotHooks {
  readonly check: Check;
  /** Hosts that have keys. */
  readonly hosts: () => readonly string[];
  /** A connection was turned away or cut off. */
  readonly refused: () => void;
}

/** A client says who it is at once; then it may be silent for days. */
const HELLO_MS = 10_000;
/** What a client may leave unread. */
const MOST_UNREAD_BYTES = 64 * 1024;

/** Listens for the clients of Dovecot's authentication protocol. */
export class DovecotServer {
  readonly #server: Server;
  readonly #sockets = new Map<Socket, DovecotSession>();
  #isDraining = false;
  readonly #hooks: DovecotHooks;
  readonly #defaultHost: string | undefined;
  #connections = 0;

  constructor({ host, connections }: Config['dovecot'], hooks: DovecotHooks) {
    this.#hooks = hooks;
    this.#defaultHost = host;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = connections;
    this.#server.on('drop', hooks.refused);
  }

  listen(address: string, mode: string): Promise<string> {
    return listenAt(this.#server, address, 'dovecot.listen', Number.parseInt(mode, 8));
  }

  /**
   * Stops: what is being verified is answered within `drainMs`, the rest is cut off. Clients connect anew to the next process.
   *
   * @returns Whether all was answered.
   */
  async close(drainMs: number): Promise<boolean> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#isDraining = true;
    for (const session of this.#sockets.values()) session.drain();
    let isDrained = true;
    const deadline = setTimeout(() => {
      isDrained = false;
      for (const socket of this.#sockets.keys()) socket.destroy();
    }, drainMs);
    await closed;
    clearTimeout(deadline);
    return isDrained;
  }

  #serve(socket: Socket): void {
    const { check, hosts, refused } = this.#hooks;
    const cutOff = () => {
      refused();
      socket.destroy();
    };
    const hello = setTimeout(() => session.isClient || cutOff(), HELLO_MS);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(hello);
      this.#sockets.delete(socket);
    });
    const session = new DovecotSession({
      check,
      realmOf: (service) => realmOf(service, hosts(), this.#defaultHost),
      send: (text) => {
        socket.write(text);
        if (socket.writableLength > MOST_UNREAD_BYTES) cutOff();
      },
      // What was answered goes out before the end.
      close: () => (this.#isDraining ? socket.destroySoon() : cutOff()),
      processId: process.pid,
      connectionId: ++this.#connections,
      cookie: randomBytes(16).toString('hex'),
    });
    this.#sockets.set(socket, session);
    socket.setEncoding('latin1').on('data', (text: string) => session.receive(text));
  }
}

/**
 * Prosody can name a host as its service, which counts alone then. Else the host is the one of the configuration, or the only one; for
 * XMPP that one alone, too, while a mail server's users may have any.
 */
export function realmOf(
  service: string | undefined,
  hosts: readonly string[],
  chosen: string | undefined,
): Realm {
  // The protocol's text has a char a byte.
  const named = prepareJid(`x@${Buffer.from(service ?? '', 'latin1')}`)?.slice(2);
  if (named !== undefined && hosts.includes(named)) return { host: named, isFixed: true };
  // A host whose keys are gone must not become another one. No kind of service has a dot in its name.
  if (service?.includes('.')) return { host: undefined, isFixed: true };
  return { host: chosen ?? (hosts.length === 1 ? hosts[0] : undefined), isFixed: service === 'xmpp' };
}
