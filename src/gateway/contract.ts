import type {
  GuardEvents,
  GuardState,
  HostKeys,
  IssuerOptions,
  Verdict,
  Verdicts,
  VerifierOptions,
} from '../index.js';
import type { ReplayState } from '../token/engine.js';
import type { Refusal } from './refusal.js';

/** The `Request` of the Fetch API, if the project has its types. Otherwise `object`. */
export type FetchRequest =
  typeof globalThis extends Record<'Request', Record<'prototype', infer R>> ? R : object;

/** The `Response` of the Fetch API, if the project has its types. Otherwise `object`. */
export type FetchResponse =
  typeof globalThis extends Record<'Response', Record<'prototype', infer R>> ? R : object;

/**
 * The verifier of a gateway: a `TokenVerifier`, or an object with the same methods. If its guard is
 * outside this process, the answers are promises. A promise that rejects counts as
 * `guard-unavailable`. A verdict's `keyIndex` is an index into the host's keys at the time of the
 * verdict, not of the call.
 */
export interface GatewayVerifier {
  /** As `TokenVerifier.verify`. */
  verify(jid: string, token: string): Verdict | Promise<Verdict>;
  /** As `TokenVerifier.verifyBatch`. */
  verifyBatch(jids: readonly string[], tokens: readonly string[]): Verdicts | Promise<Verdicts>;
  /** As `TokenVerifier.verifyLines`. */
  verifyLines(lines: Uint8Array): Verdicts | Promise<Verdicts>;
  /** As `TokenVerifier.setHost`. */
  setHost(domain: string, keys: HostKeys | readonly HostKeys[]): void;
  /** As `TokenVerifier.removeHost`. */
  removeHost(domain: string): boolean;
  /** The domains that have keys. */
  readonly hosts: readonly string[];
  /** The state of the guard, if it is in this process. */
  readonly replay?: ReplayState;
  /** How full a guard outside the process is, as far as it knows. */
  guardState?(): Promise<GuardState>;
  /** As `ReplayGuard.events`. If missing, no events are counted. */
  guardEvents?(): GuardEvents;
  /** Whether a guard outside the process answers now. */
  isGuardAnswering?(): Promise<boolean>;
}

/** The issuer of a gateway: a `TokenIssuer`, or an object with the same methods. */
export interface GatewayIssuer {
  /** As `TokenIssuer.issue`. */
  issue(jid: string): string;
  /** As `TokenIssuer.setHost`. */
  setHost(domain: string, keys: HostKeys | readonly HostKeys[]): void;
  /** As `TokenIssuer.removeHost`. */
  removeHost(domain: string): boolean;
  /** The domains that have keys. */
  readonly hosts: readonly string[];
}

/** The protocol or route by which a token came in. A label of metrics and logs with few values. */
export type Protocol =
  | 'verify'
  | 'batch'
  | 'auth'
  | 'session'
  | 'prosody'
  | 'dovecot'
  | 'extauth'
  | 'spoe'
  | 'issue'
  | 'operator';

/** One token's verdict, for metrics and logs. Never holds the token. */
export interface Verified {
  /** The protocol or route by which the token came in. */
  readonly protocol: Protocol;
  /** The verdict that was given. */
  readonly verdict: Verdict;
  /** The jid as it came in. Not verified, and perhaps a token in the wrong place. */
  readonly jid: string;
  /**
   * Which part was malformed, or why there was no name and token to verify. Set only with
   * `malformed`.
   */
  readonly reason?: Refusal | undefined;
  /** How long the verifier took, in seconds. 0 if there was nothing to verify. */
  readonly seconds: number;
  /**
   * The request, if there is one. The client can write anything into it. It holds the client's
   * credentials: take single fields from it, and never log it whole.
   */
  readonly request?: FetchRequest | undefined;
  /** What the runtime passed with the request. On Node, `{ incoming, outgoing }`. */
  readonly env?: unknown;
  /** If there is no request, the client as its server named it. */
  readonly from?:
    | {
        /** The address of the client, as its proxy gave it. */
        readonly client: string | undefined;
      }
    | undefined;
}

/**
 * Receives events for metrics and logs. Its methods are called on the hot path and must not throw.
 */
export interface Observer {
  /** A token was verified. */
  verified(event: Verified): void;
  /**
   * A part of a batch was verified.
   *
   * @param counts - How many verdicts of each code there are, indexed as `VERDICT_CODES`.
   * @param seconds - How long they took.
   */
  batch(counts: readonly number[], seconds: number): void;
  /**
   * Another event happened: a session began or ended, a limit was hit, or something failed.
   *
   * @param by - The request that caused it, if there is one. It holds the client's credentials, as
   *   in `Verified`.
   */
  event(
    name: string,
    fields: Readonly<Record<string, string | number | boolean | undefined>>,
    by?: Pick<Verified, 'request' | 'env'>,
  ): void;
  /** This program, or something that it depends on, has failed. */
  fault(where: string, error: unknown): void;
}

/** An observer that does nothing. */
export const SILENT: Observer = { verified() {}, batch() {}, event() {}, fault() {} };

/** The options of tokens, which a gateway passes to its verifier and issuer. */
export type TokenRules = Pick<IssuerOptions, 'period' | 'digits' | 'algorithm'> &
  Pick<VerifierOptions, 'window' | 'nonceDigits'>;
