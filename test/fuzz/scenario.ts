/**
 * Inputs as little stories about tokens: choices of jid, key, step, nonce and edits, so that
 * mutation finds good tokens.
 */
import type { HostKeys } from '../../src/index.js';
import { KEYS, OTHER_KEYS, tokenOf } from '../unit/token/reference.js';
import { type Choices, textOf, utf8 } from './target.js';

export interface Entry {
  readonly jid: Uint8Array;
  readonly token: Uint8Array;
  /** Handed in as text, where both are text. */
  readonly asText: boolean;
  /** What ends its line. */
  readonly lineEnd: Uint8Array;
}

const LINE_ENDS = ['\n', '\n', '\n', '\r\n'].map(utf8);
/** What means something to one of the ways of asking. */
const SPECIAL = ['\r', '\n', '\t', ' ', '=', '@', '/', '\0', '\u00e9', 'A', '0', '\u00ad'].map(
  utf8,
);

export type Action =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'again'; readonly index: number }
  | { readonly kind: 'clock'; readonly steps: number }
  | { readonly kind: 'host'; readonly domain: string; readonly keys: readonly HostKeys[] };

/** What tokens of a scenario look like. */
export interface Form {
  readonly digits: number;
  readonly nonceDigits: readonly number[];
}

export const KEY_LIST: readonly HostKeys[] = [
  KEYS,
  OTHER_KEYS,
  { ...KEYS, tokenSecret: 'another secret under the same seed' },
];
export const DOMAINS = ['example.com', 'h', 'b\u00fccher.example'] as const;

/** Lengths around the blocks of the hash, spellings, and jids that are none. */
const JIDS: readonly string[] = [
  'alice@example.com',
  '7alice@example.com',
  'a@h',
  `${'b'.repeat(13)}@h`,
  `${'c'.repeat(14)}@h`,
  `${'d'.repeat(43)}@example.com`,
  `${'e'.repeat(200)}@h`,
  `${'f'.repeat(1023)}@h`,
  `${'f'.repeat(1024)}@h`,
  'ALICE@example.com',
  'zo\u00eb@h',
  'zoe\u0308@H',
  'x@b\u00fccher.example',
  'al\u00adice@example.com.',
  'alice@unknown',
  'alice@example.com/r',
  'alice@example.com@h',
  '@h',
  'a@',
  'a b@h',
];

function edited(text: Uint8Array, choices: Choices): Uint8Array {
  const at = choices.byte() % (text.length + 1);
  const taken = choices.below(3);
  const kind = choices.below(4);
  const put = kind === 3 ? choices.of(SPECIAL) : choices.bytes(kind);
  return Buffer.concat([text.subarray(0, at), put, text.subarray(at + taken)]);
}

/** A token that would be good, mostly, with up to three edits. */
export function entryOf(choices: Choices, form: Form, now: number): Entry {
  const chosen = choices.of(JIDS);
  const keys = KEY_LIST[[0, 0, 0, 0, 1, 2][choices.below(6)]!]!;
  const step = Math.max(0, now + choices.below(7) - 3);
  const nonce = String(choices.below(8)).padStart(choices.of(form.nonceDigits), '0');
  // What stands in place of the jid that was signed: the prepared spelling, or the jid itself.
  const signed = choices.below(4) > 0 ? (PREPARED[chosen] ?? chosen) : chosen;
  let jid = utf8(chosen) as Uint8Array;
  let token = utf8(tokenOf({ keys, jid: signed, step, nonce, digits: form.digits })) as Uint8Array;
  const edits = Math.max(0, choices.below(8) - 4);
  for (let i = 0; i < edits; i++) {
    if (choices.below(4) === 0) jid = edited(jid, choices);
    else token = edited(token, choices);
  }
  return { jid, token, asText: choices.below(2) === 0, lineEnd: choices.of(LINE_ENDS) };
}

const PREPARED: Readonly<Record<string, string>> = {
  'ALICE@example.com': 'alice@example.com',
  'zoe\u0308@H': 'zo\u00eb@h',
  'al\u00adice@example.com.': 'alice@example.com',
};

/** The next action. */
export function actionOf(choices: Choices, form: Form, now: number): Action {
  const kind = choices.below(20);
  if (kind < 12) return { kind: 'entry', entry: entryOf(choices, form, now) };
  if (kind < 15) return { kind: 'again', index: choices.byte() };
  if (kind === 15) {
    const entry = entryOf(choices, form, now);
    return { kind: 'entry', entry: { ...entry, token: choices.bytes(choices.byte()) } };
  }
  if (kind === 16) {
    const jid = choices.bytes(choices.below(80));
    return {
      kind: 'entry',
      entry: { ...entryOf(choices, form, now), jid, token: utf8(tokenOf({ jid, step: now })) },
    };
  }
  if (kind === 17 || kind === 18)
    return { kind: 'clock', steps: choices.of([1, 1, -1, 2, -2, 3, 7, -7, 30]) };
  const mask = choices.below(8);
  return {
    kind: 'host',
    domain: choices.of(DOMAINS),
    keys: KEY_LIST.filter((_, i) => mask & (1 << i)),
  };
}

/** Jid and token as they are handed in: text where it is asked for and they are text. */
export function handedIn({
  jid,
  token,
  asText,
}: Entry): [string | Uint8Array, string | Uint8Array] {
  return asText ? [textOf(jid) ?? jid, textOf(token) ?? token] : [jid, token];
}
