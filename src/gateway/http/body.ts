import type { z } from '@hono/zod-openapi';
import type { Limits } from '../settings.js';
import { failure } from './answers.js';

const utf8 = new TextDecoder();

/** In place of a body's text. */
const LATE = Symbol('late');
const LARGE = Symbol('large');
/** What decoding puts in place of bytes that are no UTF-8. No name and no token holds it. */
const REPLACEMENT = '\ufffd';

/**
 * The media type of a request, without its parameters, in lower case. Empty if there are several,
 * of which each reader may take another: a runtime joins headers of one name with commas.
 */
export function mediaType(request: Request): string {
  const type = request.headers.get('content-type') ?? '';
  return type.includes(',') ? '' : type.split(';', 1)[0]!.trim().toLowerCase();
}

/**
 * A small body as text, or the answer why not: too large, too slow, not UTF-8.
 *
 * A body with a length is read by the runtime in one go, as text: on Node its bytes would be copied
 * once more. Another one is counted while it comes.
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
    // The client went away within its body.
  }
  return failure('bad-request', 'the body is cut short or no UTF-8');
}

/**
 * What a promise gives, or LATE when it takes too long. One promise around it: `Promise.race` makes
 * three.
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

/** A body without a length. */
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

/** A JSON body that fits a schema, or the answer why not. Parameters as of `parseJson`. */
export async function readJson<T extends z.ZodType>(
  request: Request,
  schema: T,
  limits: Limits,
  fits?: (value: unknown) => value is z.output<T>,
): Promise<z.output<T> | Response> {
  // Also what keeps the forms of other sites out: they cannot send this type.
  if (mediaType(request) !== 'application/json') {
    return failure('unsupported-type', 'send content-type: application/json');
  }
  const text = await readText(request, limits);
  if (text instanceof Response) return text;
  const parsed = parseJson(text, schema, fits);
  return parsed.ok ? parsed.data : failure('bad-request', parsed.fault);
}

/**
 * JSON that fits a schema. The one rule for bodies and for the lines of a batch.
 *
 * A name that stands twice in an object is refused (RFC 7493 §2.3): `JSON.parse` takes the last
 * one, and what looked at the text before may have taken the first.
 *
 * @param schema - Of an object whose values are all strings.
 * @param fits - Says the same as the schema, sooner. The schema is asked only where it says no.
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
    : { ok: false, fault: 'a field stands twice, or is not known' };
}

/** How many strings a JSON text has: names and values, where all values are strings. */
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
 * The first fault by its place. Names and values of the client's are not repeated: one may be a
 * token.
 */
function faultOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined || issue.path.length === 0) {
    return issue?.code === 'unrecognized_keys'
      ? 'a field that is not known'
      : 'not an object of the fields asked for';
  }
  const field = issue.path.join('.');
  if (issue.code === 'invalid_type') return `${field}: missing, or not of its type`;
  return `${field}: ${issue.code === 'too_big' ? 'too long' : 'not one of its values'}`;
}
