import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from './random.js';

type Way = 'commands' | 'replies';

/** A fault of one connection, after a number of bytes in one direction. */
export interface Fault {
  readonly way: Way;
  readonly afterBytes: number;
  /**
   * `cut`: both ends see the connection break. `lose`: from that byte on nothing passes, and the
   * connection stays open. `hold`: the rest waits for `release`.
   */
  readonly kind: 'cut' | 'lose' | 'hold';
}

/** Draws a random fault for a connection. Fewer than `bytes` bytes pass before it. */
export function drawFault(random: Random, bytes: number): Fault {
  return {
    kind: (['cut', 'lose', 'hold'] as const)[random(3)]!,
    way: (['commands', 'replies'] as const)[random(2)]!,
    afterBytes: random(bytes),
  };
}

/** One client and its connection to the server. */
interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  fault: Fault | undefined;
  readonly passed: Record<Way, number>;
}

/**
 * A TCP relay between a client and its server that can delay, lose, cut and refuse. It never
 * changes bytes, and nothing depends on time.
 */
export class FaultProxy {
  readonly #server: Server;
  readonly #port: number;
  readonly #links = new Set<Link>();
  readonly #held: (() => void)[] = [];
  /** Whether replies of all connections are held back until `release`. */
  holdsReplies = false;
  /**
   * Whether replies of all connections are lost. The server acts, but its replies do not arrive.
   */
  losesReplies = false;
  /** Whether each new connection opens a second one to the server, which sends nothing. */
  doublesConnections = false;
  /** Faults for future connections, one for each, in this order. */
  readonly faults: Fault[] = [];
  #cut: { readonly way: Way; left: number } | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
  }

  /** Starts a relay to a server on loopback, on a new port. */
  static async to(port: number): Promise<FaultProxy> {
    const server = createServer((client) => proxy.#join(client));
    const proxy = new FaultProxy(server, port);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Holds all replies back from now on. */
  hold(): void {
    this.holdsReplies = true;
  }

  /** Passes on all bytes that were held back, and stops holding back. */
  release(): void {
    this.holdsReplies = false;
    for (const link of this.#links) if (link.fault?.kind === 'hold') link.fault = undefined;
    for (const pass of this.#held.splice(0)) pass();
  }

  /** Breaks the connection on which this many further bytes have passed, once. */
  cutAfter(bytes: number, way: Way): void {
    this.#cut = { way, left: bytes };
  }

  /** Breaks all connections. */
  cut(): void {
    for (const { client, upstream } of this.#links) {
      client.destroy();
      upstream.destroy();
    }
  }

  /** Ends all faults. All connections are cut, and future ones have no faults. */
  heal(): void {
    this.faults.length = 0;
    this.losesReplies = false;
    this.release();
    this.cut();
  }

  async close(): Promise<void> {
    this.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #join(client: Socket): void {
    const upstream = connect(this.#port, '127.0.0.1');
    const fault = this.faults.shift();
    const link: Link = { client, upstream, fault, passed: { commands: 0, replies: 0 } };
    this.#links.add(link);
    const sockets = [client, upstream];
    if (this.doublesConnections) sockets.push(connect(this.#port, '127.0.0.1'));
    const end = () => {
      this.#links.delete(link);
      for (const socket of sockets) socket.destroy();
    };
    for (const socket of sockets) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => this.#pass(link, 'commands', upstream, bytes));
    upstream.on('data', (bytes) => {
      if (this.losesReplies) return;
      if (!this.holdsReplies) this.#pass(link, 'replies', client, bytes);
      else this.#held.push(() => this.#pass(link, 'replies', client, bytes));
    });
  }

  #pass(link: Link, way: Way, to: Socket, bytes: Buffer): void {
    if (to.destroyed) return;
    const { fault, passed } = link;
    const before = passed[way];
    passed[way] += bytes.length;
    if (fault?.way === way && passed[way] > fault.afterBytes) {
      const most = Math.max(fault.afterBytes - before, 0);
      const rest = bytes.subarray(most);
      const end = () => link.client.destroy();
      to.write(bytes.subarray(0, most), fault.kind === 'cut' ? end : undefined);
      if (fault.kind === 'hold') this.#held.push(() => to.destroyed || to.write(rest));
      return;
    }
    const cut = this.#cut;
    if (cut?.way !== way || cut.left > bytes.length) {
      if (cut?.way === way) cut.left -= bytes.length;
      to.write(bytes);
      return;
    }
    this.#cut = undefined;
    // Bytes before the cut still arrive.
    to.write(bytes.subarray(0, cut.left), () => link.client.destroy());
  }
}
