/**
 * `totp-token/xmpp`: names as XMPP servers prepare them.
 *
 * @packageDocumentation
 */
export { prepareJid } from './prepare-jid.js';
export { nameprep, nodeprep, saslprep } from './stringprep.js';
