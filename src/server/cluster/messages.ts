import type { Loaded } from '../config/loaded.js';

/** What a worker and the process that leads it tell each other. Node's cluster and prom-client send messages of their own. */
export type Message =
  /** A worker is there and listens; then it is told of each session that ended, and is welcome. */
  | { readonly totpToken: 'hello' }
  /** On what to run. Workers read no configuration: all of them must have the same guard. */
  | { readonly totpToken: 'welcome'; readonly loaded: Loaded }
  /** The configuration was read again: this one, or why it was refused. */
  | { readonly totpToken: 'reload'; readonly loaded: Loaded }
  | { readonly totpToken: 'reload-refused'; readonly why: string }
  /** A worker serves, here. */
  | { readonly totpToken: 'listening'; readonly address: string }
  /** A session ended: of a worker, and passed on to all others. */
  | { readonly totpToken: 'ended'; readonly id: string; readonly until: number; readonly nowSeconds: number }
  /** All sessions that began up to this moment have ended, in seconds since 1970. */
  | { readonly totpToken: 'all-ended'; readonly upTo: number }
  /** A worker asks for the metrics of all. */
  | { readonly totpToken: 'metrics?'; readonly number: number }
  | { readonly totpToken: 'metrics'; readonly number: number; readonly text: string };

export const isMessage = (message: unknown): message is Message =>
  typeof message === 'object' && message !== null && 'totpToken' in message;
