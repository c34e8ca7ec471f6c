import type { Context } from 'hono';
import { linesOf, type Part, pairsOf } from '../batch/parse.js';
import { BatchStream } from '../batch/stream.js';
import { ndjsonWriter, textWriter } from '../batch/write.js';
import { failure } from '../http/answers.js';
import { mediaType } from '../http/body.js';
import type { Parts } from '../route-context.js';

const INPUT: Readonly<
  Record<string, (verifier: Parts['verifier']) => (lines: Uint8Array) => Part | Promise<Part>>
> = {
  'application/x-ndjson': pairsOf,
  'application/jsonl': pairsOf,
  'text/tab-separated-values': linesOf,
  'text/plain': linesOf,
};

/**
 * `POST /v1/verify/batch`: lines in, a verdict a line out, while the request is still coming.
 *
 * In: `jid TAB token` lines as `text/tab-separated-values` or `text/plain`, or JSON a line as `application/x-ndjson`. Out:
 * JSON a line, or a word a line where `Accept` asks for `text/plain`.
 */
export function batchRoute({ verifier, observer, settings, state }: Parts) {
  const { limits, reasons } = settings;
  return (c: Context): Response => {
    const request = c.req.raw;
    const verify = INPUT[mediaType(request)]?.(verifier);
    if (verify === undefined) {
      return failure('unsupported-type', 'send text/tab-separated-values or application/x-ndjson');
    }
    if (request.body === null) return failure('bad-request', 'no lines');
    if (state.batches >= limits.batches) {
      observer.event('batch-refused', { batches: limits.batches });
      return failure('busy', 'too many batches at once', { 'retry-after': '1' });
    }
    const isText = (request.headers.get('accept') ?? '').includes('text/plain');
    const write = isText ? textWriter(reasons) : ndjsonWriter(reasons);
    state.batches++;
    const batch = new BatchStream(request.body, verify, write, {
      limits,
      told: (codes, seconds) => observer.batch(codes, seconds),
      fault: (error) => observer.fault('batch', error),
      ended: (how, lines) => {
        state.batches--;
        observer.event('batch', { ended: how, lines });
      },
    });
    const type = isText ? 'text/plain; charset=utf-8' : 'application/x-ndjson';
    // Proxies that buffer would take the back-pressure away: nginx listens to this.
    const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
    return new Response(batch.readable, { headers });
  };
}
