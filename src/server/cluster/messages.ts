import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { VerifierErrorCode } from '../../errors.js';
import type { Revocation } from '../../gateway/session/ended.js';
import type { Loaded } from '../config/schema.js';

/** The channels of a worker: its input and output, the messages below, and the guard's frames. */
export const WORKER_STDIO = ['pipe', 'pipe', 'pipe', 'ipc', 'pipe'] as const;
/** The file descriptor that carries the frames of the guard. */
export const GUARD_FD = 4;

/** All metrics of a process, as `Registry.getMetricsAsJSON` gives them. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** Sessions that ended before their time. Times are in seconds since 1970. */
export interface Ended {
  /** Ids of sessions, each with the time at which the session would have ended by itself. */
  readonly sessions: readonly (readonly [id: string, until: number])[];
  /** All sessions that began up to this time have ended too. 0 if there is no such time. */
  readonly allUpTo: number;
  /** Accounts whose sessions were revoked. Default: no accounts. */
  readonly revoked?: readonly Revocation[] | undefined;
  readonly nowSeconds: number;
}

/**
 * Everything that a worker must know. The leader sends all of it again after every change, so the
 * order of messages does not matter.
 */
export interface State {
  readonly totpToken: 'state';
  /** Rises with each configuration. */
  readonly generation: number;
  readonly loaded: Loaded;
  /** Why a newer configuration was refused, if that has just happened. */
  readonly refused?: string | undefined;
  /** For a worker that has just joined: the sessions that ended before. */
  readonly ended?: Ended | undefined;
}

export type FromLeader =
  | State
  /** A session ended at another worker. */
  | { readonly totpToken: 'ended'; readonly ended: Ended }
  /** Asks for the metrics of this worker. */
  | { readonly totpToken: 'snapshot?' }
  /** The metrics of all workers, for the worker that asked. */
  | { readonly totpToken: 'metrics'; readonly number: number; readonly text: string };

/** The addresses at which a worker serves. */
export interface Addresses {
  readonly address: string;
  readonly dovecot: string | undefined;
  readonly spoe: string | undefined;
  readonly operators: string | undefined;
}

export type FromWorker =
  /** The worker listens to messages. The leader answers with the state. */
  | { readonly totpToken: 'hello' }
  /** The worker serves at these addresses. */
  | ({ readonly totpToken: 'serving' } & Addresses)
  /** The worker cannot start. Holds the parts of a `VerifierError`. */
  | {
      readonly totpToken: 'failed';
      readonly code: VerifierErrorCode;
      readonly message: string;
      readonly field?: string | undefined;
      readonly fault?: string | undefined;
      readonly fix?: string | undefined;
    }
  /** A session ended at this worker. */
  | { readonly totpToken: 'ended'; readonly ended: Ended }
  | { readonly totpToken: 'snapshot'; readonly snapshot: Snapshot }
  /** Asks for the metrics of all workers. */
  | { readonly totpToken: 'metrics?'; readonly number: number };

/** Whether a message is one of these. Node's cluster also sends messages of its own. */
export const isOurs = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'totpToken' in message;
