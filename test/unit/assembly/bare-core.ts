/** The core's exports driven without the classes around them. */
import type { HostKeys } from '../../../src/index.js';
import type { CoreExports } from '../../../src/wasm/exports.js';
import { decodeBase32 } from '../token/reference.js';

export const TOKEN_BYTES = 85;
const SHA_1 = 1;

/** The input of a core, taken anew: its memory may have grown. */
export function inputOf(calls: CoreExports): Uint8Array {
  return new Uint8Array(calls.memory.buffer, calls.inputAddress(), calls.inputBytes());
}

/** Writes a token and its jid to where `verify` wants them. */
export function writeToken(calls: CoreExports, token: string, jid: string): void {
  inputOf(calls).set(Buffer.from(token));
  inputOf(calls).set(Buffer.from(jid), calls.jidAddress() - calls.inputAddress());
}

/** Sets the form of tokens, the window and one host. */
export function setUp(
  calls: CoreExports,
  keys: HostKeys,
  window: { past: number; future: number },
  domain = 'example.com',
): void {
  calls.configure(window.past, window.future, 8, 32, 32, SHA_1);
  const name = Buffer.from(domain);
  inputOf(calls).set(name);
  const host = calls.hostCreate(name.length);
  const seed = decodeBase32(keys.otpSeed);
  const secret = Buffer.from(keys.tokenSecret);
  inputOf(calls).set(Buffer.concat([seed, secret]));
  calls.hostAddKey(host, seed.length, secret.length);
  calls.hostLink(host);
}
