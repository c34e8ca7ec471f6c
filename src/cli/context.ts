import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import pc from 'picocolors';

type Colours = ReturnType<typeof pc.createColors>;

/** A stream that may be a terminal. */
export type Input = Readable & { readonly isTTY?: boolean };
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** All that a command knows of the world around it. main.ts makes the real one. */
export interface Context {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How this program was called, for commands that it proposes: `totp-token`. */
  readonly self: string;
  /** Of this package. */
  readonly version: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
  /** Calls `cleanUp` when a signal ends the program early. Returns what takes it back. */
  readonly onInterrupt: (cleanUp: () => void) => () => void;
}

/** Whether a person reads this stream on a terminal that knows control sequences. */
export function isTerminal(stream: Output, env: Context['env']): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/**
 * Colours for a stream: only on a terminal, and never where NO_COLOR is set (https://no-color.org).
 */
export function coloursFor(stream: Output, env: Context['env']): Colours {
  return pc.createColors(isTerminal(stream, env) && !env.NO_COLOR);
}

/** Writes to stdout and waits while its reader is slower. */
export async function print(context: Context, text: string | Uint8Array): Promise<void> {
  if (!context.stdout.write(text)) await once(context.stdout, 'drain');
}

/** A line for the person, beside the output. */
export function note(context: Context, text: string): void {
  context.stderr.write(`${text}\n`);
}

/** Says what was noticed while something was read. @returns The same. */
export function warned<T extends { readonly warnings: readonly string[] }>(
  context: Context,
  read: T,
): T {
  for (const warning of read.warnings) warn(context, warning);
  return read;
}

export function warn(context: Context, text: string): void {
  note(context, `${coloursFor(context.stderr, context.env).yellow('warning:')} ${text}`);
}

/**
 * Reads a short text from a stream: all of it, or of a terminal the first line. The line end at its
 * end is cut off.
 *
 * @returns Null when there is more than `maxBytes`: it is something else, and is not read on.
 */
export async function readShortText(input: Input, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early destroys the stream, so that an open stdin does not keep the program
  // alive.
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) return null;
    if (input.isTTY && chunk.includes(10)) break;
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
