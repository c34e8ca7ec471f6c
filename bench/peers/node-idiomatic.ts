import { createHmac, timingSafeEqual } from 'node:crypto';
import { admit, BAD_SIGNATURE, Host, MALFORMED, UNKNOWN_HOST, WRONG_OTP } from './checks.js';
import type { Peer } from './peer.js';

const FORM = /^(\d{8})(\d{32}) ([A-Za-z0-9+/]{43}=)$/;
const PERIOD_MS = 30_000;

/**
 * A verification as most people would write it: a regular expression, and `timingSafeEqual` for
 * every comparison.
 */
export const peer: Peer = {
  name: 'node:crypto, a regular expression and timingSafeEqual',
  verification(secrets, clock) {
    const hosts = new Map(
      Object.entries(secrets).map(([domain, { otpSeed, tokenSecret }]) => [
        domain,
        new Host(otpSeed, Buffer.from(tokenSecret)),
      ]),
    );
    const textOf = (code: number) => Buffer.from(`${code}`.padStart(8, '0'));
    return (jid, token) => {
      const match = FORM.exec(token);
      if (match === null) return MALFORMED;
      const [, otp = '', nonce = '', signature = ''] = match;
      const host = hosts.get(jid.slice(jid.indexOf('@') + 1));
      if (host === undefined) return UNKNOWN_HOST;
      host.moveTo(Math.floor(clock() / PERIOD_MS));
      const given = Buffer.from(otp);
      const index = host.codes.findIndex((code) => timingSafeEqual(textOf(code), given));
      if (index < 0) return WRONG_OTP;
      const mac = createHmac('sha256', host.isSigned)
        .update(otp + nonce + jid)
        .digest();
      const sent = Buffer.from(signature, 'base64');
      if (sent.length !== mac.length || !timingSafeEqual(sent, mac)) return BAD_SIGNATURE;
      // The decoder is lenient, and another spelling would count as a new token.
      if (sent.toString('base64') !== signature) return MALFORMED;
      return admit(host.seen[index]!, signature);
    };
  },
};
