/**
 * `totp-token/xmpp`: names as XMPP servers prepare them, and SASL X-TOKEN for clients and servers.
 *
 * @packageDocumentation
 */
export { prepareJid } from './prepare-jid.js';
export type {
  SaslAnswer,
  SaslChallenge,
  SaslCondition,
  SaslFailure,
  SaslReason,
  SaslSuccess,
} from './sasl/answer.js';
export {
  type CredentialsFunction,
  type TokenCredentialsOptions,
  tokenCredentials,
  XToken,
  type XTokenCredentials,
} from './sasl/x-token-client.js';
export {
  createXTokenServer,
  type XTokenServer,
  type XTokenServerOptions,
} from './sasl/x-token-server.js';
export { nameprep, nodeprep, saslprep } from './stringprep.js';
