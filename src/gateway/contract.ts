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

/** The `Request` of the Fetch API, in a project that has its types: they are not asked for here. */
export type FetchRequest =
  typeof globalThis extends Record<'Request', Record<'prototype', infer R>> ? R : object;

/** Its `Response`. */
export type FetchResponse =
  typeof globalThis extends Record<'Response', Record<'prototype', infer R>> ? R : object;

/**
 * What the gateway asks to verify: a `TokenVerifier`, or anything that answers like one. Where the
 * guard is not in this process's memory, an answer is a promise; a promise that fails counts as
 * `guard-unavailable`. `keyIndex` of a verdict counts in the host's keys as they are when the
 * verdict is given, not when it was asked for.
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
  /** What the guard holds, where it is in this process. */
  readonly replay?: ReplayState;
  /** How full a guard outside the process is, as far as it can tell. */
  guardState?(): Promise<GuardState>;
  /** As `ReplayGuard.events`. Missing: nothing is counted. */
  guardEvents?(): GuardEvents;
  /** Whether a guard outside the process can be asked now. */
  isGuardAnswering?(): Promise<boolean>;
}

/** What the gateway asks to issue: a `TokenIssuer`. */
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

/** The protocol or route by which a token came in: a bounded label of metrics and logs. */
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
  /** The protocol or route by which it came in. */
  readonly protocol: Protocol;
  /** What was answered. */
  readonly verdict: Verdict;
  /** As it came in: the client's word, and perhaps a token in the wrong place. */
  readonly jid: string;
  /**
   * Which part was malformed, or why there was no name and token to verify. Only with `malformed`.
   */
  readonly reason?: Refusal | undefined;
  /** Seconds that the verifier took; 0 where there was nothing to verify. */
  readonly seconds: number;
  /** The request, where there is one: what is in it is the client's word. */
  readonly request?: FetchRequest | undefined;
  /** What the runtime gave beside the request; on Node `{ incoming, outgoing }`. */
  readonly env?: unknown;
  /** Where there is no request: who is said to have sent it. */
  readonly from?:
    | {
        /** The address of the client, by the word of its proxy. */
        readonly client: string | undefined;
      }
    | undefined;
}

/**
 * Receives what happens, for metrics and logs. It must not throw, and is called on the hot path.
 */
export interface Observer {
  /** A token was verified. */
  verified(event: Verified): void;
  /** A part of a batch: how many verdicts of each code, by its number in `VERDICT_CODES`. */
  batch(counts: readonly number[], seconds: number): void;
  /**
   * Something else worth a line: a session that began or ended, a limit that was hit, a failure.
   *
   * @param by - The request that caused it, where there is one.
   */
  event(
    name: string,
    fields: Readonly<Record<string, string | number | boolean | undefined>>,
    by?: Pick<Verified, 'request' | 'env'>,
  ): void;
  /** A fault of this program or of what it depends on. */
  fault(where: string, error: unknown): void;
}

/** An observer that does nothing. */
export const SILENT: Observer = { verified() {}, batch() {}, event() {}, fault() {} };

/** Options of the token itself, which a gateway hands to its verifier and issuer. */
export type TokenRules = Pick<IssuerOptions, 'period' | 'digits' | 'algorithm'> &
  Pick<VerifierOptions, 'window' | 'nonceDigits'>;
