import { NOW_MS, PERIOD_MS, type Scenario, UNKNOWN_HOST } from './scenario.js';

/** A token and its name, as the verifier gets them. */
export interface Submission {
  readonly jid: string;
  readonly token: string;
}

/**
 * Makes a token of one kind. `n` counts up. It picks the name, and the variant if the kind has
 * variants.
 */
export type Make = (scenario: Scenario, n: number, random: () => number) => Submission;

type Pick = (scenario: Scenario, n: number) => string;

export function plain(scenario: Scenario, n: number): string {
  return scenario.plainJids[n % scenario.plainJids.length]!;
}

export function rotating(scenario: Scenario, n: number): string {
  return scenario.rotatingJids[n % scenario.rotatingJids.length]!;
}

/** Makes good tokens of a step that is `drift` steps away from now. */
export function good(pick: Pick, drift: number | ((n: number) => number)): Make {
  return (scenario, n) => {
    const jid = pick(scenario, n);
    const steps = typeof drift === 'number' ? drift : drift(n);
    return { jid, token: scenario.issuer.issue(jid, { timeMs: NOW_MS + steps * PERIOD_MS }) };
  };
}

export function capitals(scenario: Scenario, n: number): Submission {
  const { jid, token } = good(plain, 0)(scenario, n, Math.random);
  return { jid: jid.toUpperCase(), token };
}

export function oldKey(scenario: Scenario, n: number): Submission {
  const jid = rotating(scenario, n);
  return { jid, token: scenario.oldIssuer.issue(jid) };
}

export function forged(scenario: Scenario, n: number): Submission {
  const jid = plain(scenario, n);
  return { jid, token: scenario.stranger.issue(jid) };
}

export function stolenCode(scenario: Scenario, n: number): Submission {
  const jid = plain(scenario, n);
  return { jid, token: scenario.codeThief.issue(jid) };
}

/** A token of another user of the same host. With another host, its OTP would already be wrong. */
export function ofAnother(scenario: Scenario, n: number): Submission {
  const jid = plain(scenario, n);
  const host = jid.slice(jid.indexOf('@'));
  for (let other = n + 1; ; other++) {
    const name = plain(scenario, other);
    if (name.endsWith(host)) return { jid, token: scenario.issuer.issue(name) };
  }
}

export function unknownHost(scenario: Scenario, n: number): Submission {
  const jid = `alice${n}@${UNKNOWN_HOST}`;
  return { jid, token: scenario.stranger.issue(jid) };
}

/**
 * The signature covers nonce and name without a separator. So the token of 7alice becomes one of
 * alice if the 7 moves to the end of the nonce. That works on the original. Here a nonce has
 * exactly 32 digits.
 */
export function shifted(scenario: Scenario, n: number): Submission {
  const jid = plain(scenario, n);
  if (n % 2 === 0) {
    const first = `${n % 10}`;
    const [digits, signature] = scenario.issuer.issue(first + jid).split(' ');
    return { jid, token: `${digits}${first} ${signature}` };
  }
  const [digits, signature] = scenario.issuer.issue(jid).split(' ');
  return { jid: `${digits!.at(-1)}${jid}`, token: `${digits!.slice(0, -1)} ${signature}` };
}

export const DIGITS = '0123456789';

/** Replaces one character at an index from `from` to before `to` by another of the alphabet. */
export function altered(from: number, to: number, alphabet: string): Make {
  return (scenario, n, random) => {
    const { jid, token } = good(plain, 0)(scenario, n, random);
    const at = from + below(random, to - from);
    const others = alphabet.replace(token[at]!, '');
    return {
      jid,
      token: token.slice(0, at) + others[below(random, others.length)] + token.slice(at + 1),
    };
  };
}

const BREAKS: readonly ((token: string) => string)[] = [
  () => '',
  (token) => token.slice(0, -1),
  (token) => `${token}\n`,
  (token) => ` ${token}`,
  (token) => token.replace(' ', '\t'),
  (token) => token.replace(' ', '  '),
  (token) => token.replace('=', ''),
  (token) => `x${token.slice(1)}`,
  (token) => token.replace(/^\d/, (first) => String.fromCharCode(first.charCodeAt(0) + 0xfee0)),
  (token) => `${token.slice(0, -2)}==`,
  (token) => token.repeat(50),
];

export function malformed(scenario: Scenario, n: number): Submission {
  const { jid, token } = good(plain, 0)(scenario, n, Math.random);
  return { jid, token: BREAKS[n % BREAKS.length]!(token) };
}

/** Makes tokens until one has an OTP that is not valid now. A wrong OTP can be valid by chance. */
export function outside(make: Make): Make {
  return (scenario, n, random) => {
    for (let i = n; ; i += 7) {
      const submission = make(scenario, i, random);
      if (!scenario.goodOtps.has(submission.token.slice(0, 8))) return submission;
    }
  };
}

/**
 * Returns a generator of numbers in [0, 1) that depends only on the seed: mulberry32. Fit for
 * shuffling, not for secrets.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to `limit` - 1. */
export const below = (random: () => number, limit: number): number => Math.floor(random() * limit);

/** Shuffles in place: Fisher and Yates. */
export function shuffle<T>(items: T[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
