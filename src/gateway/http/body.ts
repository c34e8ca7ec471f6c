import type { z } from '@hono/zod-openapi';
import type { Limits } from '../settings.js';
import { failure } from './answers.js';

const utf8 = new TextDecoder();

/** Returned instead of a body's text. */
const LATE = Symbol('late');
const LARGE = Symbol('large');
/** The decoder's replacement for bytes that are not UTF-8. No valid name or token contains it. */
const REPLACEMENT = '\ufffd';

/**
 * The media type of a request in lower case, without its parameters. Empty if there are several: a
 * runtime joins headers of the same name with commas, and readers could disagree on which one
 * counts.
 */
export function mediaType(request: Request): string {
  const type = request.headers.get('content-type') ?? '';
  return type.includes(',') ? '' : type.split(';', 1)[0]!.trim().toLowerCase();
}

/**
 * Reads a small body as text, or returns the answer that refuses it: too large, too slow, or not
 * UTF-8.
 *
 * If the length is known, the runtime reads the body at once as text. Reading its bytes would cost
 * one more copy on Node. If it is not known, bytes are counted while they arrive.
 */
export async function readText(request: Request, limits: Limits): Promise<string | Response> {
  const { bodyBytes, bodyMs } = limits;
  const length = request.headers.get('content-length');
  if (length !== null && !(Number(length) <= bodyBytes))
    return failure('too-large', `more than ${bodyBytes} bytes`);
  try {
    const text =
      length === null
        ? await readCounted(request, bodyBytes, bodyMs)
        : await inTime(request.text(), bodyMs);
    if (text === LATE) return failure('timeout', `the body took more than ${bodyMs} ms`);
    if (text === LARGE) return failure('too-large', `more than ${bodyBytes} bytes`);
    if (!text.includes(REPLACEMENT)) return text;
  } catch {
    // The client went away in the middle of the body.
  }
  return failure('bad-request', 'the body is cut short or not UTF-8');
}

/**
 * The value of a promise, or LATE if it takes longer than `ms` milliseconds. This makes one
 * promise. `Promise.race` would make three.
 */
function inTime<T>(promise: Promise<T>, ms: number): Promise<T | typeof LATE> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, LATE);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** Reads a body of unknown length. */
async function readCounted(
  request: Request,
  limit: number,
  ms: number,
): Promise<string | typeof LARGE | typeof LATE> {
  const reader = request.body?.getReader();
  if (reader === undefined) return '';
  const deadlineMs = performance.now() + ms;
  const bytes = new Uint8Array(limit);
  for (let length = 0; ; ) {
    const read = await inTime(reader.read(), Math.max(0, deadlineMs - performance.now()));
    if (read === LATE || (!read.done && length + read.value.length > limit)) {
      reader.cancel().catch(() => {});
      return read === LATE ? LATE : LARGE;
    }
    if (read.done) return utf8.decode(bytes.subarray(0, length));
    bytes.set(read.value, length);
    length += read.value.length;
  }
}

/**
 * Reads a JSON body that fits a schema, or returns the answer that refuses it. The parameters are
 * those of `parseJson`.
 */
export async function readJson<T extends z.ZodType>(
  request: Request,
  schema: T,
  limits: Limits,
  fits?: (value: unknown) => value is z.output<T>,
): Promise<z.output<T> | Response> {
  // This also keeps forms of other sites out, because a form cannot have this type.
  if (mediaType(request) !== 'application/json') {
    return failure('unsupported-type', 'send content-type: application/json');
  }
  const text = await readText(request, limits);
  if (text instanceof Response) return text;
  const parsed = parseJson(text, schema, fits);
  return parsed.ok ? parsed.data : failure('bad-request', parsed.fault);
}

/**
 * Parses JSON that fits a schema. Bodies and lines of a batch use the same rule.
 *
 * Refuses an object with a duplicate name (RFC 7493 §2.3). `JSON.parse` takes the last value, and a
 * proxy that read the text before may have taken the first.
 *
 * @param schema - The schema of an object whose values are all strings.
 * @param fits - A faster test with the same result. The schema runs only if this returns false.
 */
export function parseJson<T extends z.ZodType>(
  text: string,
  schema: T,
  fits?: (value: unknown) => value is z.output<T>,
):
  | { readonly ok: true; readonly data: z.output<T> }
  | { readonly ok: false; readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, fault: 'the body is not JSON' };
  }
  let data: z.output<T>;
  if (fits?.(value)) {
    data = value;
  } else {
    const result = schema.safeParse(value);
    if (!result.success) return { ok: false, fault: faultOf(result.error) };
    data = result.data;
  }
  return stringsIn(text) === 2 * Object.keys(value as object).length
    ? { ok: true, data }
    : { ok: false, fault: 'a duplicate or unknown field' };
}

/**
 * Counts the strings of a JSON text. If all values are strings, that is twice the number of its
 * fields.
 */
function stringsIn(text: string): number {
  let count = 0;
  let quote = text.indexOf('"');
  while (quote >= 0) {
    let end = quote + 1;
    for (; text[end] !== '"'; end++) if (text[end] === '\\') end++;
    count++;
    quote = text.indexOf('"', end + 1);
  }
  return count;
}

/**
 * Describes the first fault by its field. Never repeats names or values of the client, because one
 * may be a token.
 */
function faultOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined || issue.path.length === 0) {
    return issue?.code === 'unrecognized_keys'
      ? 'an unknown field'
      : 'not an object with the required fields';
  }
  const field = issue.path.join('.');
  if (issue.code === 'invalid_type') return `${field}: missing, or of the wrong type`;
  return `${field}: ${issue.code === 'too_big' ? 'too long' : 'not an allowed value'}`;
}
