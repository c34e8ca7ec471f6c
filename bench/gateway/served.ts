import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freshLibrary } from '../lib/library.js';
import { ROOT, SCRATCH } from '../lib/paths.js';
import type { Kind, ServerOptions } from './server.js';

export const { createIssuer, createVerifier, generateKeys } = await freshLibrary();
export const HOST = 'example.com';
export const HOSTS = { [HOST]: generateKeys() };
/** How many tokens of one step a measured gateway remembers. */
export const CAPACITY = 2_000_000;

/** The length of a clock tick of /proc, in seconds. Every Linux has 100 a second. */
const TICK = 0.01;
let count = 0;

/** A measured server on its own port or socket. */
export class Served {
  /** The address that it reports: a URL, or `unix:PATH`. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #files: readonly string[];

  private constructor(child: ChildProcess, address: string, files: readonly string[]) {
    this.#child = child;
    this.address = address;
    this.#files = files;
  }

  static async start(
    kind: Kind,
    given: Partial<Pick<ServerOptions, 'listen' | 'workers'>> = {},
    isLmdb = false,
  ): Promise<Served> {
    const name = join(SCRATCH, `gateway-${process.pid}-${count++}`);
    const options: ServerOptions = {
      kind,
      listen: '127.0.0.1:0',
      workers: 1,
      guard: isLmdb ? `kind = "lmdb"\npath = "${name}.lmdb"` : `capacity = ${CAPACITY}`,
      hosts: HOSTS,
      logFile: `${name}.log`,
      ...given,
    };
    const file = join(ROOT, 'build', 'bench', 'gateway', 'server.js');
    const child = fork(file, [JSON.stringify(options)], { execArgv: execArgv() });
    const [{ address }] = (await once(child, 'message')) as [{ address: string }];
    return new Served(child, address, [`${name}.log`, `${name}.lmdb`]);
  }

  /** Processor time of all its processes so far, in seconds. */
  cpuSeconds(): number {
    let ticks = 0;
    for (const pid of withChildren(this.#child.pid ?? 0)) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // utime and stime, proc(5). The name before them, in brackets, may contain spaces.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks * TICK;
  }

  /** Resident memory, in bytes. */
  rss(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Sends a request with a simple client, and returns the answer. */
  async ask(
    path: string,
    options: RequestOptions,
    body: string | Uint8Array,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const at = this.address.startsWith('unix:')
      ? { socketPath: this.address.slice(5) }
      : { host: '127.0.0.1', port: new URL(this.address).port };
    const sent = request({ ...at, path, method: 'POST', ...options });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, text: await text(response) };
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
    for (const file of this.#files) rmSync(file, { recursive: true, force: true });
  }
}

/** `TOTP_TOKEN_CPU_PROF` names a folder for a profile of each server. */
function execArgv(): string[] {
  const folder = process.env.TOTP_TOKEN_CPU_PROF;
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

/** A process and all its descendants. */
function withChildren(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const below = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return [pid, ...below.flatMap((child) => withChildren(Number(child)))];
}

/**
 * Makes fresh lines `jid TAB token LF`.
 *
 * @param stepsFromNow - Distance of their step from the present one.
 */
export async function lines(howMany: number, stepsFromNow = 0): Promise<Buffer> {
  const clock = () => Date.now() + stepsFromNow * 30_000;
  const issuer = await createIssuer({ hosts: HOSTS, clock });
  const parts: string[] = [];
  for (let i = 0; i < howMany; i++) {
    const jid = `u${i % 1000}@${HOST}`;
    parts.push(`${jid}\t${issuer.issue(jid)}\n`);
  }
  issuer.dispose();
  return Buffer.from(parts.join(''));
}

/**
 * Sends tokens as one batch.
 *
 * @throws {Error} Not all of them were accepted.
 */
export async function postBatch(served: Served, body: Buffer, howMany: number): Promise<void> {
  const headers = {
    'content-type': 'text/tab-separated-values',
    accept: 'text/plain',
    'content-length': body.length,
  };
  const { text: answer } = await served.ask('/v1/verify/batch', { headers }, body);
  if (answer.length !== 'accepted\n'.length * howMany) throw new Error('not all were accepted');
}

/**
 * Makes a gateway touch its guard's memory, for all steps of the window. The system allocates a
 * page at its first use. Otherwise that would be measured, as 12 to 16 % of a first run.
 */
export async function touchGuard(served: Served): Promise<void> {
  // The last level of a generation is used once the others are full. They hold a sixteenth at most.
  const before = CAPACITY / 16;
  // Entries are spread out. Seven for each page leave about one page in a thousand untouched.
  const howMany = Math.ceil(before + (CAPACITY * 14 * 7) / 4096);
  for (const step of [-1, 0, 1]) await postBatch(served, await lines(howMany, step), howMany);
}

/** Begins sessions, and returns their texts. */
export async function sessions(served: Served, howMany: number): Promise<string[]> {
  const texts: string[] = [];
  const headers = { 'content-type': 'application/json' };
  for (const line of (await lines(howMany)).toString().trimEnd().split('\n')) {
    const [jid, token] = line.split('\t');
    const body = JSON.stringify({ jid, token, transport: 'bearer' });
    const { text: answer } = await served.ask('/v1/session', { headers }, body);
    texts.push(JSON.parse(answer).session);
  }
  return texts;
}
