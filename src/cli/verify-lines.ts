import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type TokenVerifier, VERDICT_CODES, type Verdicts } from '../index.js';
import { unreadable } from '../keyfile/small-file.js';
import { MAX_TOKEN_LINE_BYTES } from '../limits.js';
import { readLines } from '../text/lines.js';
import { shownPath } from '../text/safe.js';
import { EXIT, type ExitCode, UsageError } from './command.js';
import { type Context, coloursFor, note, print } from './context.js';
import { NO_PROGRESS, startProgress } from './progress.js';
import { grouped, MEANING, verdictJson } from './verdict-text.js';

const TAB = 9;
const CHUNK_BYTES = 256 * 1024;
/** The most rejected lines that a terminal shows one by one. */
const MAX_LISTED = 10;
const FULL = 'no room to remember another token of this step: give --capacity';
const NOTHING = new Uint8Array(0);
const utf8 = new TextDecoder();

/**
 * Verifies the lines "jid TAB token" of a file or of stdin (`-`). If `isJson`, prints one verdict
 * on each line.
 *
 * Memory holds one chunk of input, no matter how large the file is. The next chunk is read after
 * the verdicts of the one before are written. Every line has a verdict, as in the verifier's
 * `verifyLines` and in the gateway's batches. A line that has no tab, is empty or is far too long
 * is `malformed`.
 */
export async function verifyLines(
  context: Context,
  verifier: TokenVerifier,
  path: string,
  isJson: boolean,
): Promise<ExitCode> {
  const { chunks, bytes } = await open(context, path);
  const tally = new Tally();
  // There is no bar if the verdicts go to the same terminal.
  const progress =
    isJson && context.stdout.isTTY ? NO_PROGRESS : startProgress(context, 'verifying', bytes);
  const forget = context.onInterrupt(() => report(context, tally, 'interrupted: '));
  let read = 0;
  try {
    for await (const lines of readLines(
      counted(chunks, (length) => (read += length)),
      MAX_TOKEN_LINE_BYTES,
    )) {
      const batch = parse(lines, tally);
      const verdicts = verifier.verifyBatch(batch.jids, batch.tokens);
      tally.add(batch, verdicts);
      if (isJson) await print(context, ndjson(batch, verdicts));
      progress.update(read, `${grouped(tally.lines)} lines, ${grouped(tally.rejected)} rejected`);
    }
  } catch (error) {
    throw isFileError(error)
      ? new UsageError(`--file ${shownPath(path)}: ${unreadable(error).message}`)
      : error;
  } finally {
    progress.stop();
    forget();
  }
  report(context, tally, '', isJson ? 0 : MAX_LISTED);
  return tally.rejected === 0 ? EXIT.ok : EXIT.rejected;
}

interface Batch {
  readonly jids: Uint8Array[];
  readonly tokens: Uint8Array[];
  /** Line numbers, from 1. */
  readonly numbers: number[];
}

class Tally {
  /** Lines read so far. */
  lines = 0;
  rejected = 0;
  readonly byCode = VERDICT_CODES.map(() => 0);
  /** The first rejected lines. */
  readonly listed: string[] = [];

  add(batch: Batch, verdicts: Verdicts): void {
    this.rejected += verdicts.length - verdicts.accepted;
    for (let i = 0; i < verdicts.length; i++) {
      const code = verdicts.codes[i]!;
      this.byCode[code]!++;
      if (code !== 0 && this.listed.length < MAX_LISTED) {
        this.listed.push(`line ${batch.numbers[i]}: ${verdicts.code(i)}`);
      }
    }
  }
}

function parse(lines: readonly (Uint8Array | null)[], tally: Tally): Batch {
  const batch: Batch = { jids: [], tokens: [], numbers: [] };
  for (const line of lines) {
    tally.lines++;
    const tab = line?.indexOf(TAB) ?? -1;
    // A broken line goes in as an empty jid and token, which the verifier calls malformed.
    batch.jids.push(line && tab >= 0 ? line.subarray(0, tab) : NOTHING);
    batch.tokens.push(line && tab >= 0 ? line.subarray(tab + 1) : NOTHING);
    batch.numbers.push(tally.lines);
  }
  return batch;
}

function ndjson({ jids, numbers }: Batch, verdicts: Verdicts): string {
  let text = '';
  let i = 0;
  for (const verdict of verdicts) {
    text += `${verdictJson(verdict, utf8.decode(jids[i]), numbers[i])}\n`;
    i++;
  }
  return text;
}

function report(context: Context, tally: Tally, prefix: string, listed = 0): void {
  const { bold, red, green, dim } = coloursFor(context.stderr, context.env);
  const { lines, rejected, byCode } = tally;
  const counts = `${green(`${grouped(lines - rejected)} accepted`)}, ${rejectedText(rejected, red)}`;
  note(
    context,
    `${prefix}${bold(`${grouped(lines)} ${lines === 1 ? 'line' : 'lines'}`)}: ${counts}`,
  );
  byCode.forEach((count, code) => {
    if (code === 0 || count === 0) return;
    const name = VERDICT_CODES[code]!;
    note(
      context,
      `  ${name.padEnd(17)} ${grouped(count).padStart(9)}  ${dim(name === 'guard-unavailable' ? FULL : MEANING[name])}`,
    );
  });
  for (const line of tally.listed.slice(0, listed)) note(context, `  ${line}`);
  if (listed > 0 && rejected > listed)
    note(context, '  …  for all of them: --json, or > verdicts.ndjson');
}

const rejectedText = (count: number, red: (text: string) => string) =>
  count === 0 ? '0 rejected' : red(`${grouped(count)} rejected`);

async function open(context: Context, path: string) {
  if (path === '-') return { chunks: context.stdin as AsyncIterable<Uint8Array>, bytes: undefined };
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    const chunks: AsyncIterable<Uint8Array> = createReadStream(path, {
      highWaterMark: CHUNK_BYTES,
    });
    return { chunks, bytes: stats.isFile() ? stats.size : undefined };
  } catch (error) {
    throw new UsageError(`--file ${shownPath(path)}: ${unreadable(error).message}`);
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void) {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

/** Whether reading failed. Failures of writing concern the output, and main.ts handles them. */
function isFileError(error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'open' || syscall === 'read';
}
