import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { HANG_MS } from './child.js';
import { freePort } from './free-port.js';

/** The clock of Redis's start time may be some milliseconds behind the clock of `TIME`. */
const CLOCKS_DIFFER_MS = 50;

const secondOf = (ms: number): number => Math.floor(ms / 1000);

/** A Redis server on loopback, in its own folder. */
export class RedisProcess {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'totp-token-redis-'));
  readonly #program: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  /** When the last run ended, in milliseconds since 1970-01-01T00:00:00Z. */
  #endedMs = 0;

  /** @param args - Options as `--name value`. Data are saved only if they say so. */
  private constructor(program: string, port: number, args: readonly string[]) {
    this.#program = program;
    this.port = port;
    this.#args = args;
  }

  static async start(program: string, args: readonly string[] = []): Promise<RedisProcess> {
    const server = new RedisProcess(program, await freePort(), args);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /**
   * Starts the server again with its saved data, in a later second than it ended. Redis reports its
   * start in whole seconds. A guard that sees a new run within one second takes it for another
   * server, so the result would depend on the speed of the machine.
   */
  async restart(): Promise<void> {
    while (secondOf(Date.now() - CLOCKS_DIFFER_MS) <= secondOf(this.#endedMs)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const file = join(this.#folder, 'redis.conf');
    // A Sentinel keeps its state in its configuration.
    writeFileSync(file, '', { flag: 'a' });
    const place = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder];
    const child = spawn(this.#program, [file, ...place, '--save', '', ...this.#args], {
      stdio: 'ignore',
    });
    this.#child = child;
    const end = Date.now() + HANG_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      if (Date.now() > end) throw new Error('redis-server does not answer');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Sends one command on a new connection. */
  async command(...args: string[]): Promise<unknown> {
    const client = this.#client();
    try {
      await client.connect();
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
    this.#endedMs = Date.now();
  }

  /** Ends the server and removes its folder. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whether a server answers in the protocol. This includes a server that demands a password. */
  async #answers(): Promise<boolean> {
    try {
      await this.command('PING');
      return true;
    } catch (error) {
      return /^(NOAUTH|NOPERM)/.test((error as Error).message);
    }
  }

  #client() {
    const client = createClient({
      RESP: 2,
      url: this.url,
      disableClientInfo: true,
      maintNotifications: 'disabled',
      socket: { reconnectStrategy: false },
    });
    return client.on('error', () => {});
  }
}
