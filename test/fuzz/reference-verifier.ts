/**
 * A whole verifier in the plainest form: README.md's rules one after the other, on node:crypto,
 * sharing no code with the library. Only names are prepared by the library's function, which
 * test/unit/xmpp holds to Prosody's answers.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HostKeys, RejectCode } from '../../src/index.js';
import { prepareJid } from '../../src/xmpp/prepare-jid.js';
import { otpOf } from '../unit/token/reference.js';
import { textOf, utf8 } from './target.js';

export type Code = RejectCode | 'accepted';

export interface ReferenceRules {
  readonly digits: number;
  readonly nonce: { readonly min: number; readonly max: number };
  readonly window: { readonly past: number; readonly future: number };
  /** Tokens remembered a step. */
  readonly capacity: number;
  readonly prepares: boolean;
}

const PART_BYTES = 1023;
const AT = 0x40;
const SLASH = 0x2f;
/** Not in a localpart: RFC 6122 §2.3, controls and DEL. */
const FORBIDDEN = /[\0-\x20"&'/:<>\x7f]/;
/** The worst of several answers counts. */
const GUARD_ORDER: readonly Code[] = ['accepted', 'replayed', 'stale', 'guard-unavailable'];

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

export class ReferenceVerifier {
  readonly #rules: ReferenceRules;
  readonly #hosts = new Map<string, readonly HostKeys[]>();
  /** By a step's place in the ring. */
  readonly #ring = new Map<number, { readonly step: number; readonly macs: Set<string> }>();
  readonly #codes = new Map<string, string>();

  constructor(rules: ReferenceRules) {
    this.#rules = rules;
  }

  setHost(domain: string, keys: readonly HostKeys[]): void {
    this.#hosts.set(domain, keys);
  }

  removeHost(domain: string): void {
    this.#hosts.delete(domain);
  }

  /** Verdicts on lines `jid TAB token LF`, a CR before the LF left out. */
  lines(bytes: Uint8Array, now: number): Code[] {
    const text = latin1(bytes);
    if (text === '') return [];
    return text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => {
        const tab = line.indexOf('\t');
        if (tab < 0) return 'malformed';
        const [jid, token] = [line.slice(0, tab), line.slice(tab + 1).replace(/\r$/, '')];
        return this.verify(Buffer.from(jid, 'latin1'), Buffer.from(token, 'latin1'), now);
      });
  }

  /** @param now - The step that the clock is in. */
  verify(jidBytes: Uint8Array, tokenBytes: Uint8Array, now: number): Code {
    const token = latin1(tokenBytes);
    const prefix = token.slice(0, -45);
    const signature = token.slice(-44);
    const { digits, nonce } = this.#rules;
    if (token.length < 45 || token.at(-45) !== ' ' || !/^[0-9]*$/.test(prefix)) return 'malformed';
    if (prefix.length < digits + nonce.min || prefix.length > digits + nonce.max)
      return 'malformed';
    const sent = Buffer.from(signature, 'base64');
    if (sent.length !== 32 || sent.toString('base64') !== signature) return 'malformed';

    if (!isBareJid(jidBytes)) return 'malformed';
    const jid = this.#rules.prepares ? preparedBytes(jidBytes) : jidBytes;
    if (jid === undefined) return 'malformed';
    const keys = this.#hosts.get(latin1(jid.subarray(jid.indexOf(AT) + 1)));
    if (keys === undefined) {
      const domain = jid.subarray(jid.indexOf(AT) + 1);
      return domain.includes(AT) || domain.includes(SLASH) ? 'malformed' : 'unknown-host';
    }
    return this.#decide(keys, jid, prefix, sent, now);
  }

  #decide(
    keys: readonly HostKeys[],
    jid: Uint8Array,
    prefix: string,
    sent: Buffer,
    now: number,
  ): Code {
    const { digits, window } = this.#rules;
    const otp = prefix.slice(0, digits);
    let verdict: Code = 'wrong-otp';
    for (const key of keys) {
      const steps: number[] = [];
      for (let step = Math.max(0, now - window.past); step <= now + window.future; step++) {
        if (this.#codeOf(key, step) === otp) steps.push(step);
      }
      if (steps.length === 0) continue;
      const mac = createHmac('sha256', key.tokenSecret).update(prefix).update(jid).digest();
      if (timingSafeEqual(mac, sent)) return this.#remember(steps, mac.toString('hex'));
      verdict = 'bad-signature';
    }
    return verdict;
  }

  #codeOf(keys: HostKeys, step: number): string {
    const name = `${keys.otpSeed} ${step}`;
    const known = this.#codes.get(name) ?? otpOf(keys, step, { digits: this.#rules.digits });
    if (this.#codes.size > 10_000) this.#codes.clear();
    this.#codes.set(name, known);
    return known;
  }

  #remember(steps: readonly number[], mac: string): Code {
    const { window, capacity } = this.#rules;
    let worst = 0;
    for (const step of steps) {
      const place = step % (window.past + window.future + 1);
      const held = this.#ring.get(place);
      let code: Code = 'accepted';
      if (held !== undefined && held.step > step) code = 'stale';
      else {
        const { macs } = held?.step === step ? held : { macs: new Set<string>() };
        this.#ring.set(place, { step, macs });
        if (macs.has(mac)) code = 'replayed';
        else if (macs.size >= capacity) code = 'guard-unavailable';
        else macs.add(mac);
      }
      worst = Math.max(worst, GUARD_ORDER.indexOf(code));
    }
    return GUARD_ORDER[worst]!;
  }
}

function isBareJid(jid: Uint8Array): boolean {
  const at = jid.indexOf(AT);
  const domain = jid.length - at - 1;
  if (at < 1 || at > PART_BYTES || domain < 1 || domain > PART_BYTES) return false;
  return !FORBIDDEN.test(latin1(jid.subarray(0, at)));
}

function preparedBytes(jid: Uint8Array): Uint8Array | undefined {
  const text = textOf(jid);
  const prepared = text === undefined ? null : prepareJid(text);
  return prepared === null ? undefined : utf8(prepared);
}
