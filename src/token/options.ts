import { checkFunction, checkInteger, checkKnown } from '../check.js';
import { optionError } from '../errors.js';
import { MAX_NONCE_DIGITS } from '../limits.js';
import { type AlgorithmName, algorithmId } from '../mac/hmac.js';
import {
  checkAlgorithm,
  checkDigits,
  checkPeriod,
  checkWindow,
  type StepWindow,
} from '../otp/options.js';
import type { LoadOptions } from '../wasm/module.js';
import { copiedKeys, type HostKeys, type Hosts } from './host-keys.js';
import { systemRandom } from './nonce.js';

export type { HostKeys, Hosts };

/** Options that issuer and verifier must agree on. */
export interface TokenOptions extends LoadOptions {
  /**
   * Keys by domain. More can be set later. Default: no hosts. A domain is stored in lower case.
   * Without `prepareJid`, only jids with the domain in lower case belong to the host:
   * `alice@Example.com` is `unknown-host`.
   */
  readonly hosts?: Hosts | undefined;
  /**
   * Length of a time step in seconds, X in RFC 6238 §4.1. 1 to 86400, not a multiple of 1000,
   * default 30.
   */
  readonly period?: number | undefined;
  /** Digits of the OTP, 6 to 10, default 8. */
  readonly digits?: number | undefined;
  /** Hash of the OTP, RFC 6238 §1.2. Default `'SHA-1'`. The signature is always HMAC-SHA-256. */
  readonly algorithm?: AlgorithmName | undefined;
  /**
   * Returns the time in milliseconds since 1970-01-01T00:00:00Z. Default: `Date.now`, looked up at
   * each call.
   */
  readonly clock?: (() => number) | undefined;
  /**
   * Prepares a bare jid as RFC 6122 §2 says, or returns `null` if the jid has no prepared form:
   * `prepareJid` of `totp-token/xmpp`. Called only for a jid that it may change: with upper case,
   * with characters beyond ASCII, or of an unknown host. It must not return a promise. Default: no
   * preparation. A jid counts byte by byte as you give it.
   */
  readonly prepareJid?: ((jid: string) => string | null) | undefined;
}

/** Options of `createVerifier`. All are optional. An unknown option is refused. */
export interface VerifierOptions extends TokenOptions {
  /** Steps before and after the present step whose OTP is accepted: 0 to 10 each, default 1. */
  readonly window?: Partial<StepWindow> | undefined;
  /**
   * Digits of a nonce. Default 32, exactly.
   *
   * A range is for old issuers. It lets the holder of a token for `7alice@host` move the 7 into the
   * nonce and log in as `alice@host`. Do not set a range where users can choose names that begin
   * with digits.
   */
  readonly nonceDigits?: number | NonceRange | undefined;
  /** The memory of accepted tokens. */
  readonly replay?: ReplayOptions | undefined;
}

/** How many digits a nonce may have, for old issuers. */
export interface NonceRange {
  /** The fewest, 0 to 255. */
  readonly min: number;
  /** The most, `min` to 255. */
  readonly max: number;
}

/** The memory of accepted tokens. */
export interface ReplayOptions {
  /**
   * Accepted tokens that the guard can remember for each step, default 1,000,000. In a full step,
   * tokens are `guard-unavailable`; nothing is evicted. Costs 14 bytes for each entry and each step
   * of the window.
   */
  readonly capacity?: number | undefined;
  /**
   * `'start'`: tokens that an earlier process may have accepted are `stale`. These are the tokens
   * of the step in which this verifier is made, of all earlier steps, and of the `window.future`
   * steps after it, which a client whose clock is ahead may have used. Nobody can log in until
   * these steps are over: with the defaults, for 30 to 60 seconds. Default `'none'`.
   */
  readonly rejectStepsBefore?: 'start' | 'none' | undefined;
}

/** Options of `createIssuer`. All are optional. An unknown option is refused. */
export interface IssuerOptions extends TokenOptions {
  /**
   * Digits of a nonce, 1 to 255, default 32. A verifier accepts other numbers only if its own
   * `nonceDigits` says so.
   */
  readonly nonceDigits?: number | undefined;
  /**
   * Fills the whole array with bytes from a CSPRNG, in place and synchronously. Default
   * `crypto.getRandomValues`. If it returns a promise or leaves zeros, `issue` throws `ERR_OPTION`.
   */
  readonly randomBytes?: ((target: Uint8Array<ArrayBuffer>) => unknown) | undefined;
}

const TOKEN_OPTIONS = [
  'hosts',
  'period',
  'digits',
  'algorithm',
  'clock',
  'prepareJid',
  'module',
] as const;
export const VERIFIER_OPTIONS = [...TOKEN_OPTIONS, 'window', 'nonceDigits', 'replay'] as const;
const ISSUER_OPTIONS = [...TOKEN_OPTIONS, 'nonceDigits', 'randomBytes'] as const;

const NONCE_DIGITS = 32;
const CAPACITY = 1_000_000;
/** Three tables with 14 bytes for each entry fit into the 4 GiB of a Wasm memory. */
export const MAX_CAPACITY = 100_000_000;

/** The checked options that both share, with their defaults. */
export interface TokenSettings {
  /** Copies. The caller's objects are not read again. */
  readonly hosts: readonly (readonly [domain: string, keys: readonly HostKeys[]])[];
  /** In seconds. */
  readonly period: number;
  readonly digits: number;
  readonly algorithmId: number;
  readonly clock: () => number;
  readonly prepareJid: ((jid: string) => string | null) | undefined;
}

export interface VerifierSettings extends TokenSettings {
  readonly window: StepWindow;
  readonly nonce: { readonly min: number; readonly max: number };
  readonly capacity: number;
  readonly rejectsEarlierSteps: boolean;
}

export interface IssuerSettings extends TokenSettings {
  readonly nonceDigits: number;
  readonly randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown;
}

/**
 * @param known - The names of all known options.
 * @throws {VerifierError} `ERR_OPTION`, with the path of the option in `field`.
 */
export function verifierSettings(
  options: VerifierOptions,
  known: readonly string[] = VERIFIER_OPTIONS,
): VerifierSettings {
  if (known === VERIFIER_OPTIONS && Object.hasOwn(Object(options), 'guard')) {
    throw optionError(
      'options.guard',
      'not known here',
      'call createGuardedVerifier, which takes it',
    );
  }
  checkKnown(options, known, 'options');
  const replay = options.replay ?? {};
  checkKnown(replay, ['capacity', 'rejectStepsBefore'], 'replay');
  const before = replay.rejectStepsBefore ?? 'none';
  if (before !== 'start' && before !== 'none') {
    throw optionError('replay.rejectStepsBefore', 'not a known choice', "write 'start' or 'none'");
  }
  return {
    ...tokenSettings(options),
    window: checkWindow(options.window, 'window'),
    nonce: checkNonceRange(options.nonceDigits),
    capacity: checkInteger(replay.capacity, 'replay.capacity', CAPACITY, 1, MAX_CAPACITY),
    rejectsEarlierSteps: before === 'start',
  };
}

/** @throws {VerifierError} `ERR_OPTION`, with the path of the option in `field`. */
export function issuerSettings(options: IssuerOptions): IssuerSettings {
  checkKnown(options, ISSUER_OPTIONS, 'options');
  return {
    ...tokenSettings(options),
    nonceDigits: checkInteger(
      options.nonceDigits,
      'nonceDigits',
      NONCE_DIGITS,
      1,
      MAX_NONCE_DIGITS,
    ),
    randomBytes:
      checkFunction(options.randomBytes, 'randomBytes') ?? systemRandom('hand in randomBytes'),
  };
}

/**
 * Whether somebody passed a whole key file of `totp-token keygen`, so that its `hosts` looks like a
 * host.
 */
function isKeyFile(entries: readonly (readonly [string, unknown])[]): boolean {
  return entries.some(
    ([name, keys]) =>
      name === 'hosts' &&
      typeof keys === 'object' &&
      keys !== null &&
      !Array.isArray(keys) &&
      !('otpSeed' in keys || 'tokenSecret' in keys),
  );
}

function tokenSettings(options: TokenOptions): TokenSettings {
  const hosts = options.hosts ?? {};
  // Object.entries does not see the entries of a Map. Without an error there would be no hosts.
  if (typeof hosts !== 'object' || Symbol.iterator in hosts) {
    throw optionError(
      'hosts',
      'not an object',
      'write { "example.com": { otpSeed, tokenSecret } }',
    );
  }
  const entries = Object.entries(hosts);
  if (isKeyFile(entries)) {
    throw optionError('hosts', 'a whole key file', 'hand in its member: const { hosts } = file');
  }
  return {
    hosts: entries.map(([domain, keys]) => [domain, copiedKeys(domain, keys)] as const),
    period: checkPeriod(options.period, 'period'),
    digits: checkDigits(options.digits, 'digits'),
    algorithmId: algorithmId(checkAlgorithm(options.algorithm, 'algorithm')),
    clock: checkFunction(options.clock, 'clock') ?? (() => Date.now()),
    prepareJid: checkFunction(options.prepareJid, 'prepareJid'),
  };
}

function checkNonceRange(value: VerifierOptions['nonceDigits']): { min: number; max: number } {
  if (typeof value !== 'object' || value === null) {
    const exact = checkInteger(value, 'nonceDigits', NONCE_DIGITS, 1, MAX_NONCE_DIGITS);
    return { min: exact, max: exact };
  }
  checkKnown(value, ['min', 'max'], 'nonceDigits');
  const min = checkInteger(value.min, 'nonceDigits.min', NONCE_DIGITS, 0, MAX_NONCE_DIGITS);
  const max = checkInteger(
    value.max,
    'nonceDigits.max',
    Math.max(NONCE_DIGITS, min),
    min,
    MAX_NONCE_DIGITS,
  );
  return { min, max };
}
