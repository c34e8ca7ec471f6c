import { described } from '../../check.js';
import { LineCutter } from '../../text/lines.js';
import type { Verdicts } from '../verdict.js';
import { inOrder, type Source } from './in-order.js';

declare global {
  // Empty. It is for projects whose `lib` does not have this type, and adds nothing to others.
  // biome-ignore lint/suspicious/noExplicitAny: all declarations must have the same parameters
  interface TransformStream<I = any, O = any> {}
}

/** An object that verifies lines: a `TokenVerifier`, a `GuardedVerifier` or a `VerifierPool`. */
export interface LineVerifier {
  /** As `TokenVerifier.verifyLines`. */
  verifyLines(lines: Uint8Array): Verdicts | Promise<Verdicts>;
  /**
   * How many calls the verifier works on at a time, if more than one. A stream keeps one more call
   * under way.
   */
  readonly threads?: number;
}

/**
 * How many chunks are under way at a time. With threads, one more than the number of threads, so
 * that no thread waits for its next chunk.
 */
function depthOf(verifier: LineVerifier): number {
  if (typeof verifier?.verifyLines !== 'function') {
    throw new TypeError(`verifier must be a verifier: got ${described(verifier)}`);
  }
  const { threads } = verifier;
  return Number.isSafeInteger(threads) && (threads as number) > 0 ? (threads as number) + 1 : 1;
}

/**
 * Makes a stream that reads lines `jid TAB token LF` and writes their verdicts, in order. The
 * chunks may be cut anywhere; each chunk gives the verdicts of the lines that are complete by then.
 *
 * The stream keeps back-pressure. It holds at most one line and, with a pool, the verdicts of one
 * chunk for each thread and of one more.
 *
 * @throws {TypeError} `verifier` has no `verifyLines`. The stream itself fails with a `TypeError`
 *   for a chunk that is not bytes, and with the error that the verifier throws.
 *
 * @example
 * await request.body.pipeThrough(verdictStream(verifier)).pipeTo(report);
 */
export function verdictStream(verifier: LineVerifier): TransformStream<Uint8Array, Verdicts> {
  const cutter = new LineCutter();
  const depth = depthOf(verifier);
  /**
   * The calls under way, the oldest first. Each resolves when its verdicts are in the stream, or
   * rejects with its error.
   */
  const underWay: Promise<void>[] = [];
  let last = Promise.resolve();

  /** Starts to verify these lines, and waits until there is room for more. */
  async function verify(
    lines: Uint8Array,
    controller: TransformStreamDefaultController<Verdicts>,
  ): Promise<void> {
    if (lines.length === 0) return;
    last = Promise.all([verdictsOf(verifier, lines), last]).then(([ready]) =>
      controller.enqueue(ready),
    );
    // Reports the error even if no further chunk waits for this call.
    last.catch((error: unknown) => controller.error(error));
    underWay.push(last);
    while (underWay.length >= depth) await underWay.shift();
  }

  return new TransformStream({
    transform: (chunk, controller) => verify(cutter.push(chunk), controller),
    async flush(controller) {
      await verify(cutter.end(), controller);
      await last;
    },
  });
}

/**
 * Does the same as an async iterator. It asks for the next chunk when you have taken the verdicts
 * of the last one.
 *
 * With a pool of threads, several chunks are under way: one for each thread and one more. If a loop
 * ends early, the tokens of these chunks may be used up, and the loop does not wait for a chunk
 * that it has asked for.
 *
 * @param source - Chunks of bytes: a Node stream, a web stream, an array.
 * @throws {TypeError} In the loop: `verifier` has no `verifyLines`, `source` is text, or a chunk is
 *   not bytes. Errors of the verifier and of the source pass through.
 *
 * @example
 * for await (const verdicts of verifyStream(verifier, createReadStream('tokens.tsv'))) count(verdicts.codes);
 */
export async function* verifyStream(
  verifier: LineVerifier,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Verdicts, void, undefined> {
  if (typeof source === 'string')
    throw new TypeError('source must be chunks of bytes: got a string');
  const depth = depthOf(verifier);
  const cutter = new LineCutter();
  const begin = (lines: Uint8Array) =>
    lines.length === 0 ? undefined : verdictsOf(verifier, lines);
  yield* inOrder(iteratorOf(source), depth, {
    begin: (chunk) => begin(cutter.push(chunk)),
    end: () => begin(cutter.end()),
  });
}

/** Turns an error that is thrown synchronously into a rejection, so that it comes in its turn. */
async function verdictsOf(verifier: LineVerifier, lines: Uint8Array): Promise<Verdicts> {
  return verifier.verifyLines(lines);
}

function iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): Source<T> {
  const begin = (source as Partial<AsyncIterable<T>> | null | undefined)?.[Symbol.asyncIterator];
  if (begin === undefined || begin === null) return each(source as Iterable<T>);
  const iterator: Source<T> = begin.call(source);
  // Looked up once, as ECMA-262 §7.4.2 requires.
  const { next } = iterator;
  return { next: () => next.call(iterator), return: () => iterator.return?.() };
}

async function* each<T>(source: Iterable<T>): AsyncGenerator<T> {
  yield* source;
}
