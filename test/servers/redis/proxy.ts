import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll } from 'vitest';

const open: SlowProxy[] = [];
afterAll(() => Promise.all(open.map((proxy) => proxy.close())));

/** Stands between a guard and its server, and holds, loses or cuts. */
export class SlowProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  /** Whether replies are held back until they are released. */
  holdsReplies = false;
  /** Whether replies are lost: the server acts, and nobody hears of it. */
  losesReplies = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<SlowProxy> {
    const server = createServer((client) => proxy.#join(client, connect(port, '127.0.0.1')));
    const proxy = new SlowProxy(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(proxy);
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Passes on all replies that were held back, and holds back no more. */
  release(): void {
    this.holdsReplies = false;
    for (const pass of this.#held.splice(0)) pass();
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
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (this.losesReplies) return;
      const pass = () => client.destroyed || client.write(bytes);
      if (this.holdsReplies) this.#held.push(pass);
      else pass();
    });
  }
}
