import type { Checker } from './checker.js';
import type { GatewayIssuer, GatewayVerifier, Observer } from './contract.js';
import type { Login } from './http/login.js';
import type { Sessions } from './session/sessions.js';
import type { GatewaySettings } from './settings.js';

/** What the routes work with. One object a configuration; what it points at outlives it. */
export interface RouteContext {
  readonly settings: GatewaySettings;
  readonly verifier: GatewayVerifier;
  readonly checker: Checker;
  readonly issuer: GatewayIssuer | undefined;
  readonly sessions: Sessions | undefined;
  readonly login: Login;
  readonly observer: Observer;
  readonly metrics: MetricsText | undefined;
  /** Undefined: no guard of this gateway turns away what was made before its start. */
  readonly startupWait:
    | (() => StartupWait | undefined | Promise<StartupWait | undefined>)
    | undefined;
  readonly state: GatewayState;
}

/**
 * The time after a start in which tokens are `stale`, since the guard cannot know whether they were
 * accepted before it began. Milliseconds since 1970.
 */
export interface StartupWait {
  /** When it was first known. */
  readonly fromMs: number;
  /** Now. */
  readonly nowMs: number;
  /** When the first step begins whose tokens are good. */
  readonly untilMs: number;
}

/** Gives the metrics as text in Prometheus' format. */
export type MetricsText = () => Promise<{
  /** For the header of that name. */
  readonly contentType: string;
  /** The metrics. */
  readonly text: string;
}>;

/** What changes while the gateway runs. */
export interface GatewayState {
  /** Batches at work now. */
  batches: number;
  /** Whether the gateway is about to stop: /readyz says so. */
  isDraining: boolean;
}
