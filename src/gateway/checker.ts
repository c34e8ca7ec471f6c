import type { Verdict, Verdicts } from '../index.js';
import { REJECTIONS, VERDICT_CODES } from '../token/verdict.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { FetchRequest, GatewayVerifier, Observer, Protocol, Verified } from './contract.js';
import { type Refusal, whyMalformed } from './refusal.js';

const GUARD_UNAVAILABLE = REJECTIONS[VERDICT_CODES.indexOf('guard-unavailable')] as Verdict;
const MALFORMED = REJECTIONS[VERDICT_CODES.indexOf('malformed')] as Verdict;

/** The known details of an attempt that could not be verified. */
interface RefusedAttempt extends Partial<Pick<Verified, 'request' | 'env' | 'from'>> {
  /** The name that the client gave, if it could be read. Not verified. */
  readonly jid?: string | undefined;
}

/** Verifies tokens for all protocols. Measures the time, informs the observer, and fails closed. */
export class Checker {
  readonly #verifier: GatewayVerifier;
  readonly #observer: Observer;

  constructor(verifier: GatewayVerifier, observer: Observer) {
    this.#verifier = verifier;
    this.#observer = observer;
  }

  /**
   * Verifies a token. Returns a promise only if the verifier does, so the hot path awaits nothing.
   *
   * @param from - Holds the client's address if there is no request.
   */
  check(
    jid: string,
    token: string,
    protocol: Protocol,
    request?: FetchRequest,
    env?: unknown,
    from?: Verified['from'],
  ): Verdict | Promise<Verdict> {
    const began = performance.now();
    let answer: Verdict | Promise<Verdict>;
    try {
      answer = this.#verifier.verify(jid, token);
    } catch (error) {
      this.#observer.fault(protocol, error);
      answer = GUARD_UNAVAILABLE;
    }
    const tell = (verdict: Verdict): Verdict => {
      const seconds = (performance.now() - began) / 1000;
      const reason = verdict === MALFORMED ? whyMalformed(jid, token) : undefined;
      this.#observer.verified({ protocol, verdict, jid, reason, seconds, request, env, from });
      return verdict;
    };
    if (!(answer instanceof Promise)) return tell(answer);
    return answer.then(tell, (error: unknown) => {
      this.#observer.fault(protocol, error);
      return tell(GUARD_UNAVAILABLE);
    });
  }

  /**
   * Counts and logs, as `malformed`, an attempt that holds no name and token to verify. The guard
   * is not asked. Every refused attempt is reported, here or by `check`.
   */
  refuse(
    protocol: Protocol,
    reason: Refusal,
    { jid = '', request, env, from }: RefusedAttempt = {},
  ): void {
    this.#observer.verified({
      protocol,
      verdict: MALFORMED,
      jid,
      reason,
      seconds: 0,
      request,
      env,
      from,
    });
  }

  /**
   * Verifies several tokens in one call, so that the core can fill its lanes. The observer gets
   * each token separately, with an equal share of the time.
   *
   * @param from - Holds the client's address of each token.
   */
  checkBatch(
    jids: readonly string[],
    tokens: readonly string[],
    protocol: Protocol,
    from: readonly Verified['from'][],
  ): readonly Verdict[] | Promise<readonly Verdict[]> {
    const began = performance.now();
    const tell = (verdicts: readonly Verdict[]): readonly Verdict[] => {
      const seconds = (performance.now() - began) / 1000 / verdicts.length;
      verdicts.forEach((verdict, i) => {
        const jid = jids[i]!;
        const reason = verdict === MALFORMED ? whyMalformed(jid, tokens[i]!) : undefined;
        this.#observer.verified({ protocol, verdict, jid, reason, seconds, from: from[i] });
      });
      return verdicts;
    };
    const failed = (error: unknown): readonly Verdict[] => {
      this.#observer.fault(protocol, error);
      return tell(jids.map(() => GUARD_UNAVAILABLE));
    };
    const read = (verdicts: Verdicts) => jids.map((_, i) => verdicts.at(i) ?? GUARD_UNAVAILABLE);
    try {
      const answer = this.#verifier.verifyBatch(jids, tokens);
      return answer instanceof Promise ? answer.then(read).then(tell, failed) : tell(read(answer));
    } catch (error) {
      return failed(error);
    }
  }
}

/** Calls `use` with a value: at once, or when its promise has resolved. */
export function whenKnown<T, U>(
  value: T | Promise<T>,
  use: (value: T) => U | Promise<U>,
): U | Promise<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** The account that an accepted jid names, in its prepared form. */
export function accountOf(jid: string): { jid: string; user: string; host: string } {
  const prepared = prepareJid(jid) ?? jid;
  const at = prepared.indexOf('@');
  return { jid: prepared, user: prepared.slice(0, at), host: prepared.slice(at + 1) };
}
