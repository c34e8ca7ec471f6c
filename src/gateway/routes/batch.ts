import { type LineReader, ndjsonReader, tsvReader } from '../batch/parse.js';
import { BatchStream } from '../batch/stream.js';
import { ndjsonWriter, textWriter } from '../batch/write.js';
import { prefers } from '../http/accept.js';
import { failure } from '../http/answers.js';
import { mediaType } from '../http/body.js';
import type { RouteContext } from '../route-context.js';
import type { Limits } from '../settings.js';

const READERS: Readonly<
  Record<string, (verifier: RouteContext['verifier'], limits: Limits) => LineReader>
> = {
  'application/x-ndjson': ndjsonReader,
  'application/jsonl': ndjsonReader,
  'text/tab-separated-values': tsvReader,
  'text/plain': tsvReader,
};

/**
 * `POST /v1/verify/batch`: takes lines, and answers one verdict for each line while the request is
 * still arriving.
 *
 * The request has lines `jid TAB token` as `text/tab-separated-values` or `text/plain`, or one JSON
 * object on each line as `application/x-ndjson`. The answer has one JSON object on each line, or
 * one word if `Accept` prefers `text/plain`.
 */
export function batchRoute({ verifier, observer, settings, state }: RouteContext) {
  const { limits, reasons } = settings;
  return (request: Request): Response => {
    const type = mediaType(request);
    const reader = Object.hasOwn(READERS, type) ? READERS[type]?.(verifier, limits) : undefined;
    if (reader === undefined) {
      return failure('unsupported-type', 'send text/tab-separated-values or application/x-ndjson');
    }
    if (request.body === null) return failure('bad-request', 'no lines');
    if (state.batches >= limits.batches) {
      observer.event('batch-refused', { batches: limits.batches });
      return failure('busy', 'too many batches at once', { 'retry-after': '1' });
    }
    const isText = prefers(request.headers.get('accept'), 'text/plain', 'application/x-ndjson');
    const write = isText ? textWriter(reasons) : ndjsonWriter(reasons);
    state.batches++;
    const batch = new BatchStream(request.body, reader, write, {
      limits,
      onCounts: (codes, seconds) => observer.batch(codes, seconds),
      onFault: (error) => observer.fault('batch', error),
      onEnd: (how, lines) => {
        state.batches--;
        observer.event('batch', { ended: how, lines });
      },
    });
    const answerType = isText ? 'text/plain; charset=utf-8' : 'application/x-ndjson';
    // A proxy that buffers would defeat the back-pressure. nginx obeys `x-accel-buffering`.
    const headers = {
      'content-type': answerType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    };
    return new Response(batch.readable, { headers });
  };
}
