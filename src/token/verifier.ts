import { moduleFor } from '../wasm/module.js';
import { answerBatch, checkPairs } from './batch.js';
import { EngineOwner } from './engine.js';
import { answerLines, lineBytes } from './lines.js';
import { type VerifierOptions, type VerifierSettings, verifierSettings } from './options.js';
import {
  type Accepted,
  codeOf,
  keyIndexOf,
  REJECTIONS,
  stepIndexOf,
  type Verdict,
  Verdicts,
} from './verdict.js';

/**
 * Verifies tokens, and accepts each token once. Made by `createVerifier`.
 *
 * Each verifier has a WebAssembly instance, whose memory holds its keys, OTPs and accepted tokens.
 */
export class TokenVerifier extends EngineOwner {
  readonly #past: number;
  readonly #accepted: Accepted[] = [];

  /** @internal */
  constructor(module: WebAssembly.Module, settings: VerifierSettings) {
    super(module, settings);
    this.#past = settings.window.past;
  }

  /**
   * Verifies one token and, if it is accepted, uses it up.
   *
   * Never throws for a jid or a token of any type, content or length. An empty string, a text with
   * a lone surrogate, and a value that is neither text nor bytes are `malformed`.
   *
   * @param jid - Bare JID, `localpart@domainpart`, as text or UTF-8 bytes.
   * @param token - The token as text or bytes.
   * @returns A shared, frozen object.
   * @throws {TypeError} The clock did not return a number.
   * @throws {RangeError} The clock did not return a time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   *
   * @example
   * const verdict = verifier.verify('alice@example.com', token);
   * if (verdict.ok) welcome(); else log(verdict.code);
   */
  verify(jid: string | Uint8Array, token: string | Uint8Array): Verdict {
    const engine = this.alive();
    const step = this.step();
    return this.#verdict(engine.ask(jid, token, step), step);
  }

  /**
   * Verifies many tokens in order, at one instant. If a token occurs twice, the first is accepted.
   *
   * @param jids - One jid for each token.
   * @returns One verdict for each token, as compact arrays.
   * @throws {TypeError} `jids` or `tokens` is not an array, or the clock did not return a number.
   * @throws {RangeError} The arrays differ in length, or the clock did not return a time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  verifyBatch(
    jids: readonly (string | Uint8Array)[],
    tokens: readonly (string | Uint8Array)[],
  ): Verdicts {
    const pairs = checkPairs(jids, tokens);
    const engine = this.alive();
    const step = this.step();
    return this.#verdicts(answerBatch(engine, pairs, step), step);
  }

  /**
   * Verifies lines `jid TAB token LF` in order, at one instant; CR before LF is allowed, and the
   * last LF may be missing.
   *
   * A line of another form, or an empty line, is `malformed`. It does not affect other lines.
   *
   * @param lines - UTF-8 bytes, or text.
   * @returns One verdict for each line.
   * @throws {TypeError} `lines` is neither text nor bytes, or the clock did not return a number.
   * @throws {RangeError} The clock did not return a time.
   * @throws {VerifierError} `ERR_DISPOSED`.
   */
  verifyLines(lines: Uint8Array | string): Verdicts {
    const bytes = lineBytes(lines);
    const engine = this.alive();
    const step = this.step();
    return this.#verdicts(answerLines(engine, bytes, step), step);
  }

  /** The name of the class. */
  override get [Symbol.toStringTag](): string {
    return 'TokenVerifier';
  }

  #verdicts(answers: Int32Array, step: number): Verdicts {
    return new Verdicts(answers, step - this.#past, this.#past);
  }

  /**
   * Returns the object of a verdict. A new one is made only for a step, drift or key that was not
   * used recently, so most calls allocate nothing.
   */
  #verdict(answer: number, step: number): Verdict {
    if (codeOf(answer) !== 0) return REJECTIONS[codeOf(answer)] as Verdict;
    const known = this.#accepted[answer >> 8];
    const drift = stepIndexOf(answer) - this.#past;
    return known?.step === step + drift ? known : this.#newVerdict(answer, step, drift);
  }

  #newVerdict(answer: number, step: number, drift: number): Accepted {
    const verdict: Accepted = Object.freeze({
      ok: true,
      code: 'accepted',
      step: step + drift,
      drift,
      keyIndex: keyIndexOf(answer),
    });
    this.#accepted[answer >> 8] = verdict;
    return verdict;
  }
}

/**
 * Makes a verifier. Everything after the one `await` is synchronous.
 *
 * @throws {VerifierError} `ERR_OPTION` with the path of the option at fault in `field`;
 *   `ERR_ENGINE_UNAVAILABLE`; `ERR_MEMORY`. No message holds a secret.
 *
 * @example
 * const verifier = await createVerifier({ hosts: { 'example.com': { otpSeed, tokenSecret } } });
 * verifier.verify('alice@example.com', token).ok;
 */
export async function createVerifier(options: VerifierOptions = {}): Promise<TokenVerifier> {
  const settings = verifierSettings(options);
  return new TokenVerifier(await moduleFor(options.module), settings);
}
