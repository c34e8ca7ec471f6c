import { VERDICT_CODES, type Verdicts } from '../../index.js';
import { isOutage } from '../../token/verdict.js';

/** Verdicts as the lines of an answer. @param first - Number of the first line, from 1. */
export type Write = (verdicts: Verdicts, first: number) => Uint8Array;

const encoder = new TextEncoder();

/**
 * A word a line: `accepted`, and `rejected` or the reason. Without reasons it has no word for an
 * outage.
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

/** JSON a line. An outage of the guard has the word that single verification has with its 503. */
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

/** The last line of an answer that stops before its request does. */
export const lastLine = (error: string): Uint8Array => encoder.encode(`{"error":"${error}"}\n`);
