import type { Verdict } from '../../../../src/index.js';
import {
  createXTokenServer,
  type XTokenServer,
  type XTokenServerOptions,
} from '../../../../src/xmpp/index.js';
import { STEP } from '../../token/reference.js';

export const HOST = 'example.com';
export const JID = 'alice@example.com';
export const ACCEPTED: Verdict = { ok: true, code: 'accepted', step: STEP, drift: 0, keyIndex: 0 };

export const utf8 = (text: string) => new TextEncoder().encode(text);
export const base64 = (data: Uint8Array) => Buffer.from(data).toString('base64');

export function messageOf(authzid: string, authcid: string, token: string): Uint8Array {
  return utf8(`${authzid}\0${authcid}\0${token}`);
}

/** An attempt to log in to `HOST`. */
export function attempt(verify: XTokenServerOptions['verify'] = () => ACCEPTED): XTokenServer {
  return createXTokenServer({ host: HOST, verify });
}
