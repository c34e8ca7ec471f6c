import type { Checker } from './checker.js';
import type { GatewayIssuer, GatewayVerifier, Observer } from './contract.js';
import type { Login } from './http/login.js';
import type { Sessions } from './session/sessions.js';
import type { GatewaySettings } from './settings.js';

/**
 * The settings and services of the routes. Each configuration has its own object. The services
 * outlive it.
 */
export interface RouteContext {
  readonly settings: GatewaySettings;
  readonly verifier: GatewayVerifier;
  readonly checker: Checker;
  readonly issuer: GatewayIssuer | undefined;
  readonly sessions: Sessions | undefined;
  readonly login: Login;
  readonly observer: Observer;
  readonly metrics: MetricsText | undefined;
  /** Undefined if this gateway cannot tell whether its guard refuses tokens after a start. */
  readonly startupWait:
    | (() => StartupWait | undefined | Promise<StartupWait | undefined>)
    | undefined;
  readonly state: GatewayState;
}

/**
 * The time after a start in which tokens are `stale`, because the guard cannot know whether they
 * were accepted before. Times are in milliseconds since 1970.
 */
export interface StartupWait {
  /** When the wait was first noticed. */
  readonly fromMs: number;
  /** Now. */
  readonly nowMs: number;
  /** When the first step begins whose tokens can be accepted. */
  readonly untilMs: number;
}

/** Gives the metrics as text in Prometheus' format. */
export type MetricsText = () => Promise<{
  /** The value of the `content-type` header. */
  readonly contentType: string;
  /** The metrics. */
  readonly text: string;
}>;

/** State that changes while the gateway runs. */
export interface GatewayState {
  /** How many batches are under way. */
  batches: number;
  /** Whether the gateway is stopping. `/readyz` says so. */
  isDraining: boolean;
}
