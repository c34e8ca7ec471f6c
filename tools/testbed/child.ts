import { type ChildProcess, spawn } from 'node:child_process';

/**
 * After this time, in milliseconds, anything counts as hung. It is long, so that a slow machine
 * fails no test.
 */
export const HANG_MS = 300_000;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A process in its own group, so that it can be ended with all its descendants. */
export class Child {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;

  constructor(file: string, args: readonly string[], { cwd, env }: RunOptions = {}) {
    this.process = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.process.stderr?.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      this.process.on('error', (error) => resolve(error.message));
      this.process.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
  }

  /** Ends the process and its children, and waits for their end. */
  async stop(): Promise<void> {
    const { pid } = this.process;
    try {
      if (pid !== undefined) process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // The process has ended by itself.
    }
    await this.ended;
  }
}

/** Runs a program and returns its stdout. Throws with all its output if it fails or hangs. */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = new Child(file, args, options);
  const timer = setTimeout(() => void child.stop(), HANG_MS);
  const code = await child.ended;
  clearTimeout(timer);
  if (code === 0) return child.stdout;
  throw new Error(`${file} ${args.join(' ')} ended with ${code}\n${child.stdout}${child.stderr}`);
}
