import type { Verdicts } from '../../index.js';
import { MAX_TOKEN_LINE_BYTES } from '../../limits.js';
import { splitLines, withoutMark } from '../../text/lines.js';
import type { GatewayVerifier } from '../contract.js';
import { parseJson } from '../http/body.js';
import { isVerifyRequest, VerifyRequest } from '../http/schemas.js';
import type { Limits } from '../settings.js';

/** Reads and verifies the lines of a batch. */
export interface LineReader {
  /** The most bytes of a line, without its end. A longer line is `malformed`. */
  readonly maxBytes: number;
  /**
   * Verifies whole lines, in order.
   *
   * @param isFirst - Whether these lines begin the batch. A byte order mark is dropped then.
   */
  readonly verify: (lines: Uint8Array, isFirst: boolean) => Verdicts | Promise<Verdicts>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads lines `jid TAB token`. The verifier parses them itself, and also calls longer ones
 * malformed.
 */
export function tsvReader(verifier: GatewayVerifier): LineReader {
  return {
    maxBytes: MAX_TOKEN_LINE_BYTES,
    verify: (lines, isFirst) => verifier.verifyLines(isFirst ? withoutMark(lines) : lines),
  };
}

/**
 * Reads lines of JSON. The schema and the limit of a `/v1/verify` body apply to each line. A line
 * that breaks them is `malformed`, and does not affect other lines.
 */
export function ndjsonReader(verifier: GatewayVerifier, { bodyBytes }: Limits): LineReader {
  return {
    maxBytes: bodyBytes,
    verify: (bytes, isFirst) => {
      const jids: string[] = [];
      const tokens: string[] = [];
      for (const line of splitLines(bytes, bodyBytes, isFirst)) {
        const { jid, token } = pairOf(line);
        jids.push(jid);
        tokens.push(token);
      }
      return verifier.verifyBatch(jids, tokens);
    },
  };
}

const NO_PAIR = { jid: '', token: '' };

function pairOf(line: Uint8Array | null): { readonly jid: string; readonly token: string } {
  if (line === null) return NO_PAIR;
  let text: string;
  try {
    text = utf8.decode(line);
  } catch {
    return NO_PAIR;
  }
  const parsed = parseJson(text, VerifyRequest, isVerifyRequest);
  return parsed.ok ? parsed.data : NO_PAIR;
}
