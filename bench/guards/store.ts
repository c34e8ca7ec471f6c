import type { Subject } from './measure.js';

/** A measured store. */
export interface Store {
  readonly name: string;
  /** The numbers of connections, or threads, to measure. */
  readonly connections: readonly number[];
  /** The processes of the store, besides this one. */
  readonly pids: readonly number[];
  /** Makes verifiers with this store and a number of connections. */
  subjects(connections: number): Promise<Subject[]>;
  /** How many bytes a token takes. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}
