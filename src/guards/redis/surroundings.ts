import { setImmediate } from 'node:timers';
import { type StartTimer, startTimeout } from '../timers.js';
import type { Address } from './address.js';
import { type Connection, connect } from './connection.js';
import type { Settings } from './options.js';

/** Time and network, as a guard sees them. A test hands in others, and decides what comes first. */
export interface Surroundings {
  /** A clock that nobody sets, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly startTimer: StartTimer;
  /** Calls once the event loop has come round. */
  readonly afterTurn: (call: () => void) => void;
  /** Opens a connection to a server that is to hold marks. */
  readonly connect: (address: Address, settings: Settings) => Promise<Connection>;
}

export const REAL_SURROUNDINGS: Surroundings = {
  elapsedMs: () => performance.now(),
  startTimer: startTimeout,
  afterTurn: setImmediate,
  connect: (address, settings) => connect(address, settings),
};
