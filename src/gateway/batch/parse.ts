import type { Verdicts } from '../../index.js';
import { MAX_TOKEN_LINE_BYTES } from '../../limits.js';
import { splitLines, withoutMark } from '../../text/lines.js';
import type { GatewayVerifier } from '../contract.js';
import { parseJson } from '../http/body.js';
import { isVerifyRequest, VerifyRequest } from '../http/schemas.js';
import type { Limits } from '../settings.js';

/** How the lines of a batch are read. */
export interface LineReader {
  /** Bytes before a line's end. A longer line is `malformed`. */
  readonly maxBytes: number;
  /**
   * Verifies whole lines, in order. @param isFirst - Whether the batch begins with them: a byte
   * order mark is dropped.
   */
  readonly verify: (lines: Uint8Array, isFirst: boolean) => Verdicts | Promise<Verdicts>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Lines `jid TAB token`: the verifier reads them itself, and calls longer ones malformed too. */
export function tsvReader(verifier: GatewayVerifier): LineReader {
  return {
    maxBytes: MAX_TOKEN_LINE_BYTES,
    verify: (lines, isFirst) => verifier.verifyLines(isFirst ? withoutMark(lines) : lines),
  };
}

/**
 * Lines of JSON, each judged as a body of `/v1/verify` is: by its schema and its limit. Another
 * line is a token in no form: `malformed`, and costs itself alone.
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
