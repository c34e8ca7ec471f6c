/**
 * `totp-token/gateway`: an HTTP application that verifies tokens for XMPP servers and for proxies.
 * It runs the same on Node, Bun, Deno and workerd.
 *
 * @packageDocumentation
 */
export type { Checker } from './checker.js';
export type {
  FetchRequest,
  FetchResponse,
  GatewayIssuer,
  GatewayVerifier,
  Observer,
  Protocol,
  TokenRules,
  Verified,
} from './contract.js';
export {
  createGateway,
  type Gateway,
  type GatewayConfiguration,
  type GatewayOptions,
} from './gateway.js';
export type { LoginSettings } from './http/login.js';
export type { Refusal } from './refusal.js';
export type { MetricsText, StartupWait } from './route-context.js';
export type { EndedList, EndedSessions, Revocation } from './session/ended.js';
export type { Session, SessionSettings } from './session/sessions.js';
export type { GatewaySettings, Limits } from './settings.js';
