import { LineCutter } from './line-cutter.js';
import type { Verdicts } from './verdicts.js';

/** Whatever verifies lines: a `TokenVerifier`, a `GuardedVerifier`, a `VerifierPool`. */
export interface LineVerifier {
  /** As `TokenVerifier.verifyLines`. */
  verifyLines(lines: Uint8Array): Verdicts | Promise<Verdicts>;
}

/**
 * A stream that takes lines `jid TAB token LF` in chunks cut anywhere and gives the verdicts of each chunk's whole lines,
 * in order. It keeps back-pressure and holds one line at most.
 *
 * @example
 * await request.body.pipeThrough(verdictStream(verifier)).pipeTo(report);
 */
export function verdictStream(verifier: LineVerifier): TransformStream<Uint8Array, Verdicts> {
  const cutter = new LineCutter();
  return new TransformStream({
    async transform(chunk, controller) {
      const lines = cutter.push(chunk);
      if (lines.length > 0) controller.enqueue(await verifier.verifyLines(lines));
    },
    async flush(controller) {
      const lines = cutter.end();
      if (lines.length > 0) controller.enqueue(await verifier.verifyLines(lines));
    },
  });
}

/**
 * The same as an async iterator: the next chunk is asked for when the verdicts of the last have been taken.
 *
 * @param source - Chunks of bytes: a Node stream, a web stream, an array.
 *
 * @example
 * for await (const verdicts of verifyStream(verifier, createReadStream('tokens.tsv'))) count(verdicts.codes);
 */
export async function* verifyStream(
  verifier: LineVerifier,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Verdicts, void, undefined> {
  if (typeof source === 'string') throw new TypeError('source must be chunks of bytes: got a string');
  const cutter = new LineCutter();
  for await (const chunk of source) {
    const lines = cutter.push(chunk);
    if (lines.length > 0) yield await verifier.verifyLines(lines);
  }
  const last = cutter.end();
  if (last.length > 0) yield await verifier.verifyLines(last);
}
