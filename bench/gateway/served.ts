import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshLibrary } from '../lib/library.js';
import { ROOT, SCRATCH } from '../lib/paths.js';

export const { createIssuer, createVerifier, generateKeys } = await freshLibrary();
export const HOST = 'example.com';
export const HOSTS = { [HOST]: generateKeys() };

/** What the gateway logs goes to a file, as it does in a service. */
const LOG = join(SCRATCH, `gateway-${process.pid}.log`);

/** A server under measurement, on a port of its own. */
export class Served {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(kind: 'empty' | 'reading' | 'gateway', capacity = 1_000_000): Promise<Served> {
    const file = join(ROOT, 'build', 'bench', 'gateway', 'server.js');
    const args = [kind, String(capacity), JSON.stringify(HOSTS), LOG];
    const child = fork(file, args, { execArgv: [] });
    const [{ address }] = (await once(child, 'message')) as [{ address: string }];
    return new Served(child, address);
  }

  /** Resident memory, in bytes. */
  async rss(): Promise<number> {
    this.#child.send('rss');
    const [{ rss }] = (await once(this.#child, 'message')) as [{ rss: number }];
    return rss;
  }

  async stop(): Promise<void> {
    this.#child.disconnect();
    await once(this.#child, 'exit');
    rmSync(LOG, { force: true });
  }
}

/** Lines `jid TAB token LF`, fresh ones. */
export async function lines(count: number): Promise<Buffer> {
  const issuer = await createIssuer({ hosts: HOSTS });
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const jid = `u${i % 1000}@${HOST}`;
    parts.push(`${jid}\t${issuer.issue(jid)}\n`);
  }
  issuer.dispose();
  return Buffer.from(parts.join(''));
}
