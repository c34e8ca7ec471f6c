import { setImmediate } from 'node:timers';
import { type StartTimer, startTimeout } from '../timers.js';
import type { Address } from './address.js';
import { type Connection, connect } from './connection.js';
import type { Settings } from './options.js';

/** Time and network of a guard. A test passes in its own, and decides the order of events. */
export interface Surroundings {
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly startTimer: StartTimer;
  /** Calls a function after this turn of the event loop. */
  readonly afterTurn: (call: () => void) => void;
  /** Opens a connection to a server that holds marks. */
  readonly connect: (address: Address, settings: Settings) => Promise<Connection>;
}

export const REAL_SURROUNDINGS: Surroundings = {
  elapsedMs: () => performance.now(),
  startTimer: startTimeout,
  afterTurn: setImmediate,
  connect: (address, settings) => connect(address, settings),
};
