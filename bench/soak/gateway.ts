import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshLibrary } from '../lib/library.js';
import { ROOT } from '../lib/paths.js';

export const HOST = 'example.com';
const { generateKeys } = await freshLibrary();
type Keys = ReturnType<typeof generateKeys>;

/**
 * The command `totp-token gateway`, as an operator runs it, with a key file that is changed. Its
 * answers give reasons.
 */
export class SoakedGateway {
  readonly url: string;
  keys: Keys;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #output: { stderr: string; log: string };

  private constructor(
    child: ChildProcess,
    folder: string,
    url: string,
    keys: Keys,
    output: { stderr: string; log: string },
  ) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
    this.keys = keys;
    this.#output = output;
  }

  static async start(workers: number): Promise<SoakedGateway> {
    const folder = mkdtempSync(join(tmpdir(), 'totp-token-soak-'));
    const keys = generateKeys();
    writeKeys(folder, keys);
    const config = `listen = "127.0.0.1:0"\nkeys = "keys.json"\nworkers = ${workers}\n[guard]\npath = "guard"\nrejectStepsBefore = "none"\n[log]\nrejected = false\n[auth]\nreasons = true\n`;
    writeFileSync(join(folder, 'gateway.toml'), config);
    const main = join(ROOT, 'dist', 'cli', 'main.js');
    const child = spawn(process.execPath, [
      main,
      'gateway',
      '--config',
      join(folder, 'gateway.toml'),
    ]);
    const output = { stderr: '', log: '' };
    child.stdout.on('data', (text) => (output.log += text));
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) =>
        reject(new Error(`the gateway ended with ${code}: ${output.stderr}`)),
      );
      child.stderr.on('data', (text) => {
        output.stderr += text;
        const said = /gateway at (\S+)\n/.exec(output.stderr);
        if (said === null) return;
        output.stderr = output.stderr.replace(said[0], '').replace(/^totp-token $/, '');
        resolve(said[1] ?? '');
      });
    });
    return new SoakedGateway(child, folder, url, keys, output);
  }

  /** Resident memory of all its processes. */
  memoryMiB(): number {
    const pids = [this.#child.pid, ...children(this.#child.pid ?? 0)];
    const kib = pids.map((pid) =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    );
    return kib.reduce((sum, each) => sum + (each || 0), 0) / 1024;
  }

  /** Adds the next key beside the present one, or removes the old one. */
  async rotate(part: 'begin' | 'end'): Promise<void> {
    if (part === 'begin') {
      const next = generateKeys();
      writeKeys(this.#folder, [next, this.keys]);
      this.keys = next;
    } else writeKeys(this.#folder, this.keys);
    this.#child.kill('SIGHUP');
  }

  /** The counts in its metrics: faults of the program, and verdicts by code. */
  async counted(): Promise<{ faults: number; codes: Record<string, number> }> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const codes: Record<string, number> = {};
    for (const [, code = '', count] of text.matchAll(
      /totp_token_verdicts_total\{code="([\w-]+)"[^}]*\} (\d+)/g,
    )) {
      codes[code] = (codes[code] ?? 0) + Number(count);
    }
    const faults = Number(/totp_token_events_total\{event="fault"\} (\d+)/.exec(text)?.[1] ?? 0);
    return { faults, codes };
  }

  async stop() {
    this.#child.kill('SIGTERM');
    const [exitCode] = await once(this.#child, 'exit');
    rmSync(this.#folder, { recursive: true, force: true });
    const { stderr, log } = this.#output;
    return {
      exitCode: exitCode as number,
      stderr,
      reloads: log.match(/"msg":"reloaded"/g)?.length ?? 0,
    };
  }
}

function writeKeys(folder: string, keys: Keys | readonly Keys[]): void {
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ hosts: { [HOST]: keys } }), {
    mode: 0o600,
  });
}

function children(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ');
}
