import { type Accepted, isOutage, type RejectCode } from '../../token/verdict.js';
import type { MessageFault } from './message.js';

/** The conditions of RFC 6120 §6.5 that the server's side of X-TOKEN returns. */
export type SaslCondition =
  | MessageFault
  | 'aborted'
  | 'incorrect-encoding'
  | 'not-authorized'
  | 'temporary-auth-failure';

/** Why an attempt failed: the verifier's code, or else the condition. */
export type SaslReason = RejectCode | Exclude<SaslCondition, 'not-authorized'>;

/** The next action of the server. No answer holds a token. */
export type SaslAnswer = SaslChallenge | SaslSuccess | SaslFailure;

/** The client has not sent its message yet. Send an empty `<challenge/>`, RFC 6120 §6.4.3. */
export interface SaslChallenge {
  /** The attempt goes on. */
  readonly kind: 'challenge';
}

/** The user is logged in, and the token is used up. */
export interface SaslSuccess {
  /** The attempt succeeded. */
  readonly kind: 'success';
  /** Bare JID that the user may act as. */
  readonly jid: string;
  /** The part of `jid` before its `@`. */
  readonly localpart: string;
  /** The verdict of the verify function. */
  readonly verdict: Accepted;
}

/** Nobody is logged in. */
export interface SaslFailure {
  /** The attempt failed. */
  readonly kind: 'failure';
  /** The condition for the client. All rejected tokens have `not-authorized`. */
  readonly condition: SaslCondition;
  /** The reason, only for logs and metrics. */
  readonly reason: SaslReason;
  /** The jid of the attempt, if the message could be read. For logs. */
  readonly jid?: string;
  /**
   * The error that the verify function threw. It is not enumerable, so that a log does not print
   * foreign text by accident.
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
 * All rejections have the same condition, except an outage of the guard, after which the client may
 * try again.
 */
export function rejection(jid: string, reason: RejectCode): SaslFailure {
  const condition = isOutage(reason) ? 'temporary-auth-failure' : 'not-authorized';
  return { kind: 'failure', condition, reason, jid };
}
