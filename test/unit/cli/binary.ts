import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The built program: `npm test` builds it first. */
export const BINARY = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
export const SECRET = 'MZXW6YTBOIQGC3TEEBSG63TFONQXEZLE';
export const KEYS = { 'example.com': { otpSeed: SEED, tokenSecret: SECRET } };

/** An instant of the tests, and the `--at` that sets it. */
export const NOW_MS = Date.UTC(2026, 0, 31, 12, 0, 10);
export const AT = ['--at', `${NOW_MS}`];

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** Starts the program with no variables of ours but those given. */
export function start(
  args: readonly string[],
  { env = {}, cwd }: RunOptions = {},
): ChildProcessWithoutNullStreams {
  const path = process.env.PATH ?? '';
  return spawn(process.execPath, [BINARY, ...args], {
    env: { PATH: path, ...env },
    ...(cwd ? { cwd } : {}),
  });
}

/** Runs the program to its end. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const child = start(args, options);
  // A program that ends without reading its stdin breaks this pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  return ended(child);
}

export async function ended(child: ChildProcessWithoutNullStreams): Promise<Result> {
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
}

/** A folder for the tests of one file, gone after them. */
export function temporaryFolder(): {
  path: string;
  file: (name: string, text: string, mode?: number) => string;
} {
  const path = mkdtempSync(join(tmpdir(), 'totp-token-cli-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    file: (name, text, mode = 0o600) => {
      const file = join(path, name);
      writeFileSync(file, text);
      chmodSync(file, mode);
      return file;
    },
  };
}

/**
 * The parts of `texts` that must not show up in a message, as far as `output` shows them: 8
 * characters are enough.
 */
export function leaks(output: string, texts: readonly string[]): string[] {
  const haystack = output.toLowerCase();
  const pieces = texts.flatMap((text) =>
    Array.from({ length: Math.max(0, text.length - 7) }, (_, i) => text.slice(i, i + 8)),
  );
  return pieces.filter((piece) => haystack.includes(piece.toLowerCase()));
}
