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
  readonly state: GatewayState;
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
