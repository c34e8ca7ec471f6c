/**
 * `totp-token/gateway`: an HTTP application that verifies tokens for XMPP servers and for proxies. It runs the same on
 * Node, Bun, Deno and workerd.
 *
 * @packageDocumentation
 */
export type { Checker } from './checker.js';
export type { Face, GatewayIssuer, GatewayVerifier, Observer, TokenRules, Verified } from './contract.js';
export type { EndedSessions } from './ended-sessions.js';
export { createGateway, type Gateway, type GatewayConfiguration, type GatewayOptions } from './gateway.js';
export type { MetricsText } from './parts.js';
export type { SessionSettings } from './sessions.js';
export type { GatewaySettings, Limits } from './settings.js';
