import { VERDICT_CODES, type Verdicts } from '../../index.js';
import { isOutage } from '../../token/verdict.js';

/**
 * Writes verdicts as lines of an answer.
 *
 * @param first - Number of the first line, from 1.
 */
export type Write = (verdicts: Verdicts, first: number) => Uint8Array;

const encoder = new TextEncoder();

/**
 * Writes one word on each line: `accepted`, or `rejected`, or the reason if reasons are on. Without
 * reasons, an outage of the guard reads `rejected` too.
 */
export function textWriter(reasons: boolean): Write {
  const words = VERDICT_CODES.map((code, i) =>
    encoder.encode(`${i === 0 || reasons ? code : 'rejected'}\n`),
  );
  const longest = Math.max(...words.map((word) => word.length));
  return ({ codes }) => {
    const out = new Uint8Array(codes.length * longest);
    let length = 0;
    for (let i = 0; i < codes.length; i++) {
      const word = words[codes[i]!]!;
      out.set(word, length);
      length += word.length;
    }
    return out.subarray(0, length);
  };
}

/**
 * Writes one JSON object on each line. An outage of the guard has the same `error` as the 503 of
 * single verification.
 */
export function ndjsonWriter(reasons: boolean): Write {
  const ends = VERDICT_CODES.map((code, i) => {
    const outage = isOutage(code) ? ',"error":"unavailable"' : '';
    return `,"ok":${i === 0}${outage}${reasons ? `,"code":"${code}"` : ''}}\n`;
  });
  return ({ codes }, first) => {
    let text = '';
    for (let i = 0; i < codes.length; i++) text += `{"line":${first + i}${ends[codes[i]!]}`;
    return encoder.encode(text);
  };
}

/** The last line of an answer that ends before its request does. */
export const lastLine = (error: string): Uint8Array => encoder.encode(`{"error":"${error}"}\n`);
