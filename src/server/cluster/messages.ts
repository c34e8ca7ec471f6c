import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { VerifierErrorCode } from '../../errors.js';
import type { Revocation } from '../../gateway/session/ended.js';
import type { Loaded } from '../config/schema.js';

/** What a worker is started with: its input and output, the messages below, the guard's frames. */
export const WORKER_STDIO = ['pipe', 'pipe', 'pipe', 'ipc', 'pipe'] as const;
/** Where the frames of the guard go. */
export const GUARD_FD = 4;

/** All metrics of a process, as `Registry.getMetricsAsJSON` gives them. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** Sessions that ended before their time. Times are in seconds since 1970. */
export interface Ended {
  /** Each with the moment at which it would have ended by itself. */
  readonly sessions: readonly (readonly [id: string, until: number])[];
  /** All sessions that began up to this moment have ended, too; 0: none. */
  readonly allUpTo: number;
  /** Accounts whose sessions were revoked. Default: none. */
  readonly revoked?: readonly Revocation[] | undefined;
  readonly nowSeconds: number;
}

/**
 * What the leader tells a worker: all that it must know, anew after every change, so that a lost
 * order of messages cannot matter.
 */
export interface State {
  readonly totpToken: 'state';
  /** Rises with each configuration. */
  readonly generation: number;
  readonly loaded: Loaded;
  /** Why a newer configuration was refused, where that has just happened. */
  readonly refused?: string | undefined;
  /** For a worker that has just joined: what it missed. */
  readonly ended?: Ended | undefined;
}

export type FromLeader =
  | State
  /** A session ended at another worker. */
  | { readonly totpToken: 'ended'; readonly ended: Ended }
  /** Asks for the metrics of this worker. */
  | { readonly totpToken: 'snapshot?' }
  /** The metrics of all workers, for the one that asked. */
  | { readonly totpToken: 'metrics'; readonly number: number; readonly text: string };

/** Where a worker serves. */
export interface Addresses {
  readonly address: string;
  readonly dovecot: string | undefined;
  readonly spoe: string | undefined;
  readonly operators: string | undefined;
}

export type FromWorker =
  /** It listens to messages: the leader answers with the state. */
  | { readonly totpToken: 'hello' }
  /** It serves, here. */
  | ({ readonly totpToken: 'serving' } & Addresses)
  /** It cannot start: the parts of a `VerifierError`. */
  | {
      readonly totpToken: 'failed';
      readonly code: VerifierErrorCode;
      readonly message: string;
      readonly field?: string | undefined;
      readonly fault?: string | undefined;
      readonly fix?: string | undefined;
    }
  /** A session ended here. */
  | { readonly totpToken: 'ended'; readonly ended: Ended }
  | { readonly totpToken: 'snapshot'; readonly snapshot: Snapshot }
  /** Asks for the metrics of all. */
  | { readonly totpToken: 'metrics?'; readonly number: number };

/** Whether a message is one of ours: Node's cluster sends some of its own. */
export const isOurs = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'totpToken' in message;
