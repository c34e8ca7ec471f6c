import type { Verdicts } from '../../index.js';
import type { GatewayVerifier } from '../contract.js';

/** The verdicts of some whole lines, in order. */
export type Part = Verdicts;

const LF = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Lines `jid TAB token`: the verifier reads them itself. */
export function linesOf(verifier: GatewayVerifier): (lines: Uint8Array) => Part | Promise<Part> {
  return (lines) => verifier.verifyLines(lines);
}

/** Lines of JSON, `{"jid":…,"token":…}`. Another line is a token in no form: `malformed`, and costs itself alone. */
export function pairsOf(verifier: GatewayVerifier): (lines: Uint8Array) => Part | Promise<Part> {
  return (lines) => {
    const jids: string[] = [];
    const tokens: string[] = [];
    for (let at = 0; at < lines.length; ) {
      const found = lines.indexOf(LF, at);
      const end = found < 0 ? lines.length : found;
      const [jid, token] = pairOf(lines.subarray(at, end));
      jids.push(jid);
      tokens.push(token);
      at = end + 1;
    }
    return verifier.verifyBatch(jids, tokens);
  };
}

const NO_PAIR = ['', ''] as const;

function pairOf(line: Uint8Array): readonly [string, string] {
  try {
    const { jid, token } = JSON.parse(utf8.decode(line)) as { jid: unknown; token: unknown };
    return typeof jid === 'string' && typeof token === 'string' ? [jid, token] : NO_PAIR;
  } catch {
    return NO_PAIR;
  }
}
