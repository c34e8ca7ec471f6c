import { type Accepted, isOutage, type RejectCode } from '../../token/verdict.js';
import type { MessageFault } from './message.js';

/** Conditions of RFC 6120 §6.5 that the server's side of X-TOKEN gives. */
export type SaslCondition =
  | MessageFault
  | 'aborted'
  | 'incorrect-encoding'
  | 'not-authorized'
  | 'temporary-auth-failure';

/** Why an attempt failed: what the verifier said, or else the condition. */
export type SaslReason = RejectCode | Exclude<SaslCondition, 'not-authorized'>;

/** What a server does next. No answer holds a token. */
export type SaslAnswer = SaslChallenge | SaslSuccess | SaslFailure;

/** The client has not said anything yet: send an empty `<challenge/>`, RFC 6120 §6.4.3. */
export interface SaslChallenge {
  /** Nothing is decided. */
  readonly kind: 'challenge';
}

/** The user is logged in, and the token used up. */
export interface SaslSuccess {
  /** It went well. */
  readonly kind: 'success';
  /** Bare JID that the user may act as. */
  readonly jid: string;
  /** The part of `jid` before its `@`. */
  readonly localpart: string;
  /** What the verify function said. */
  readonly verdict: Accepted;
}

/** Nobody is logged in. */
export interface SaslFailure {
  /** It did not go well. */
  readonly kind: 'failure';
  /** For the client. All tokens that are turned away have `not-authorized`. */
  readonly condition: SaslCondition;
  /** For logs and metrics alone. */
  readonly reason: SaslReason;
  /** The jid that the token was offered for, when the message could be read. For logs. */
  readonly jid?: string;
  /**
   * What the verify function threw. Not enumerable: its text is not ours, so no log prints it
   * unasked.
   */
  readonly cause?: unknown;
}

export const CHALLENGE: SaslChallenge = Object.freeze({ kind: 'challenge' });

export function failure(
  condition: Exclude<SaslCondition, 'not-authorized'>,
  jid?: string,
): SaslFailure {
  return { kind: 'failure', condition, reason: condition, ...(jid !== undefined && { jid }) };
}

export function failedVerification(jid: string, cause: unknown): SaslFailure {
  return Object.defineProperty(failure('temporary-auth-failure', jid), 'cause', { value: cause });
}

/**
 * All rejections have one condition, but for an outage of the guard: the client may try again then.
 */
export function rejection(jid: string, reason: RejectCode): SaslFailure {
  const condition = isOutage(reason) ? 'temporary-auth-failure' : 'not-authorized';
  return { kind: 'failure', condition, reason, jid };
}
