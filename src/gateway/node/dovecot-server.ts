import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Check } from '../dovecot/attempt.js';
import { DovecotSession } from '../dovecot/session.js';
import type { Config } from './config-schema.js';
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
  readonly #sockets = new Set<Socket>();
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

  /** Stops. Attempts take no time worth waiting for; clients connect anew to the next process. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    const { check, hosts, refused } = this.#hooks;
    this.#sockets.add(socket);
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
      hostOf: (service) => hostOf(service, hosts(), this.#defaultHost),
      send: (text) => {
        socket.write(text);
        if (socket.writableLength > MOST_UNREAD_BYTES) cutOff();
      },
      close: cutOff,
      processId: process.pid,
      connectionId: ++this.#connections,
      cookie: randomBytes(16).toString('hex'),
    });
    socket.setEncoding('latin1').on('data', (text: string) => session.receive(text));
  }
}

/**
 * Prosody can name a host as its service; else it is the one of the configuration, or the only one. A service with a dot
 * is a host's name, not a protocol's: when its keys are gone, those of another host must not let its users in.
 */
function hostOf(service: string | undefined, hosts: readonly string[], chosen: string | undefined) {
  if (service !== undefined && (hosts.includes(service) || service.includes('.'))) return service;
  return chosen ?? (hosts.length === 1 ? hosts[0] : undefined);
}
