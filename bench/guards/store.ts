import type { Subject } from './measure.js';

/** A store under measurement. */
export interface Store {
  readonly name: string;
  /** How many connections, or threads, are tried. */
  readonly connections: readonly number[];
  /** The processes in which it runs, besides this one. */
  readonly pids: readonly number[];
  /** What verifies with it, over so many connections. */
  subjects(connections: number): Promise<Subject[]>;
  /** Bytes that a token adds. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}
