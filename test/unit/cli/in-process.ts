import { PassThrough, Readable } from 'node:stream';
import type { Context } from '../../../src/cli/context.js';
import { run } from '../../../src/cli/program.js';

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly stdin?: string | Uint8Array | Readable;
  readonly env?: Record<string, string>;
  /** Milliseconds since 1970-01-01T00:00:00Z. Default: the machine's clock. */
  readonly nowMs?: number;
}

/**
 * Runs the program in this process, from its sources: for long tables of arguments, where starting
 * a process for each would take most of the time. Other tests of the same commands start the built
 * program.
 */
export async function runHere(args: readonly string[], options: Options = {}): Promise<Result> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const context: Context = { ...contextOf(options), stdout, stderr };
  const output = Promise.all([text(stdout), text(stderr)]);
  const code = await run(args, context);
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, stdout: out, stderr: err };
}

/** A context whose output nobody reads. */
export function contextOf({ stdin = '', env = {}, nowMs }: Options = {}): Context {
  return {
    stdin: stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin)]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env,
    self: 'totp-token',
    version: '0.0.0',
    now: nowMs === undefined ? Date.now : () => nowMs,
    onInterrupt: () => () => {},
  };
}

async function text(stream: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** A path as a printed command has it: in quotes where the temporary folder has a space. */
export const quoted = (path: string): string => (path.includes(' ') ? `'${path}'` : path);
