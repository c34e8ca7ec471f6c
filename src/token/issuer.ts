import { checkKnown } from '../check.js';
import { optionError, VerifierError } from '../errors.js';
import { MAX_JID_BYTES } from '../limits.js';
import { stepAt } from '../otp/time-step.js';
import { asciiOf, isWellFormed } from '../text/utf8.js';
import { Core } from '../wasm/core.js';
import { moduleFor } from '../wasm/module.js';
import { KeyHolder, Keyring } from './keyring.js';
import { NonceSource } from './nonce.js';
import { type IssuerOptions, type IssuerSettings, issuerSettings } from './options.js';
import { prepared, SIGNATURE_CHARS } from './request.js';
import { ASK_PREPARED, MALFORMED, VERDICT_CODES } from './verdict.js';

/** Issues tokens. Made by `createIssuer`. */
export class TokenIssuer extends KeyHolder {
  readonly #settings: IssuerSettings;
  readonly #nonces: NonceSource;
  #core: Core | undefined;
  #keyring: Keyring;

  /** @internal */
  constructor(module: WebAssembly.Module, settings: IssuerSettings) {
    super();
    const { digits, nonceDigits, algorithmId } = settings;
    const core = new Core(module);
    // The text of the keys is not kept: from here on only the core has it.
    this.#settings = { ...settings, hosts: [] };
    this.#core = core;
    this.#nonces = new NonceSource(settings.randomBytes);
    core.calls.configure(0, 0, digits, nonceDigits, nonceDigits, algorithmId);
    this.#keyring = new Keyring(core, settings);
  }

  /**
   * Issues one token, valid for one login of `jid`: `otp nonce SP signature`, 85 ASCII characters
   * by default.
   *
   * If the host has several keys, the first one signs.
   *
   * @param jid - Bare JID, `localpart@domainpart`.
   * @param options - `timeMs`, milliseconds since the epoch, replaces the issuer's clock.
   * @throws {VerifierError} `ERR_OPTION` with the `field` `jid`: not a jid, cannot be prepared, or
   *   its host has no keys. With the `field` `randomBytes`: it did not fill its array. With another
   *   `field`: an unknown option. `ERR_DISPOSED`.
   * @throws {TypeError} The clock, or `timeMs`, is not a number.
   * @throws {RangeError} The clock, or `timeMs`, is not a time.
   */
  issue(jid: string, options: { readonly timeMs?: number | undefined } = {}): string {
    const core = this.#alive();
    checkKnown(options, ['timeMs'], 'options');
    const { timeMs } = options;
    const { digits, nonceDigits, prepareJid, clock, period } = this.#settings;
    const step =
      timeMs === undefined ? stepAt(clock(), period, 0, 'clock()') : stepAt(timeMs, period, 0);

    let answer = this.#attempt(core, jid, step, prepareJid !== undefined);
    if (answer === ASK_PREPARED && prepareJid !== undefined) {
      const name = prepared(jid, prepareJid);
      if (name === null) throw optionError('jid', 'cannot be prepared (RFC 6122 §2)', EXPECTED);
      answer = this.#attempt(core, name, step, false);
    }
    if (answer !== 0) {
      throw VERDICT_CODES[answer] === 'unknown-host'
        ? optionError('jid', 'its host has no keys', NO_KEYS)
        : optionError('jid', 'not a bare JID', EXPECTED);
    }
    const length = digits + nonceDigits + 1 + SIGNATURE_CHARS;
    return asciiOf(core.input.subarray(0, length));
  }

  #attempt(core: Core, jid: string, step: number, askPrepared: boolean): number {
    if (typeof jid !== 'string' || jid.length > MAX_JID_BYTES || !isWellFormed(jid))
      return MALFORMED;
    const { digits, nonceDigits } = this.#settings;
    this.#nonces.fill(core.input.subarray(digits, digits + nonceDigits));
    const jidBytes = core.write(
      jid,
      core.input.subarray(digits + nonceDigits + 1 + SIGNATURE_CHARS),
    );
    return core.calls.issue(nonceDigits, jidBytes, step, askPrepared);
  }

  /** Wipes the keys from memory. Later calls throw `ERR_DISPOSED`. */
  override dispose(): void {
    this.#keyring.close();
    this.#core?.calls.wipe();
    this.#core = undefined;
  }

  /** The name of the class. */
  override get [Symbol.toStringTag](): string {
    return 'TokenIssuer';
  }

  /** @internal */
  protected override get keyring(): Keyring {
    this.#alive();
    return this.#keyring;
  }

  /** @internal */
  protected override get isDisposed(): boolean {
    return this.#core === undefined;
  }

  #alive(): Core {
    if (this.#core === undefined)
      throw new VerifierError('ERR_DISPOSED', 'this issuer was disposed of');
    return this.#core;
  }
}

/** Explains why a host in capitals has no keys: the user probably meant the host in lower case. */
const NO_KEYS = 'set them by setHost, in lower case, as prepareJid makes jids';
const EXPECTED = 'write localpart@domainpart without a resource';

/**
 * Makes an issuer. Everything after the one `await` is synchronous.
 *
 * @throws {VerifierError} As `createVerifier`.
 *
 * @example
 * const issuer = await createIssuer({ hosts: { 'example.com': { otpSeed, tokenSecret } } });
 * issuer.issue('alice@example.com'); // 40 digits, a space, 44 characters of base64
 */
export async function createIssuer(options: IssuerOptions = {}): Promise<TokenIssuer> {
  const settings = issuerSettings(options);
  return new TokenIssuer(await moduleFor(options.module), settings);
}
