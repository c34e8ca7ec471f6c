/**
 * `totp-token/xmpp`: names as XMPP servers prepare them, and SASL X-TOKEN for clients and servers.
 *
 * @packageDocumentation
 */
export { prepareJid } from './prepare-jid.js';
export { tokenCredentials, XToken, type XTokenCredentials } from './sasl/x-token-client.js';
export {
  createXTokenServer,
  type SaslAnswer,
  type SaslCondition,
  type SaslReason,
  type XTokenServer,
  type XTokenServerOptions,
} from './sasl/x-token-server.js';
export { nameprep, nodeprep, saslprep } from './stringprep.js';
