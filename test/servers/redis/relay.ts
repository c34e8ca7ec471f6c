import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll } from 'vitest';

const open: Relay[] = [];
afterAll(() => Promise.all(open.map((relay) => relay.close())));

/** Stands between a guard and its server, and holds replies back, or cuts at a byte. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #held: (() => void)[] | undefined;
  #cut: { readonly way: 'commands' | 'replies'; left: number } | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Relay> {
    const server = createServer((client) => relay.#join(client, connect(port, '127.0.0.1')));
    const relay = new Relay(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(relay);
    return relay;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Holds all replies back from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** Gives what was held back, and holds no longer. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const give of held) give();
  }

  /** Breaks the connection that has let so many more bytes pass, once. */
  cutAfter(bytes: number, way: 'commands' | 'replies'): void {
    this.#cut = { way, left: bytes };
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
  }

  #join(client: Socket, upstream: Socket): void {
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    const pass = (way: 'commands' | 'replies', to: Socket, bytes: Buffer) => {
      const cut = this.#cut;
      if (cut?.way !== way || cut.left > bytes.length) {
        if (cut?.way === way) cut.left -= bytes.length;
        to.write(bytes);
        return;
      }
      this.#cut = undefined;
      // What came before the cut arrives.
      to.write(bytes.subarray(0, cut.left), () => end());
    };
    client.on('data', (bytes) => pass('commands', upstream, bytes));
    upstream.on('data', (bytes) => {
      const give = () => client.destroyed || pass('replies', client, bytes);
      if (this.#held === undefined) give();
      else this.#held.push(give);
    });
  }
}
