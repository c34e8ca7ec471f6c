import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import pc from 'picocolors';

type Colours = ReturnType<typeof pc.createColors>;

/** A stream that may be a terminal. */
export type Input = Readable & { readonly isTTY?: boolean };
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The environment of a command. main.ts makes the real one. */
export interface Context {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How this program was called, such as `totp-token`. Used in the commands that it suggests. */
  readonly self: string;
  /** Version of this package. */
  readonly version: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
  /** Calls `cleanUp` when a signal ends the program early. Returns a function that cancels this. */
  readonly onInterrupt: (cleanUp: () => void) => () => void;
}

/** Whether a person reads this stream on a terminal that knows control sequences. */
export function isTerminal(stream: Output, env: Context['env']): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Colours for a stream. They are on only on a terminal without NO_COLOR (https://no-color.org). */
export function coloursFor(stream: Output, env: Context['env']): Colours {
  return pc.createColors(isTerminal(stream, env) && !env.NO_COLOR);
}

/** Writes to stdout, and waits if the reader is slow. */
export async function print(context: Context, text: string | Uint8Array): Promise<void> {
  if (!context.stdout.write(text)) await once(context.stdout, 'drain');
}

/** Writes a line for the user to stderr. */
export function note(context: Context, text: string): void {
  context.stderr.write(`${text}\n`);
}

/**
 * Prints the warnings of something that was read.
 *
 * @returns Its argument.
 */
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
 * Reads a short text from a stream to its end, or the first line from a terminal. Removes a final
 * line end.
 *
 * @returns Null if there are more than `maxBytes` bytes. It is not the expected text then, and
 *   reading stops.
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
