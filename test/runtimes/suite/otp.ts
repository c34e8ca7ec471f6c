/** HOTP and TOTP: RFC 4226, RFC 6238, pyotp; otpauth URIs. */
import {
  type Algorithm,
  createTotp,
  hotp,
  otpauthUri,
  parseOtpauthUri,
  totp,
  verifyTotp,
} from 'totp-token';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import rfc4226 from '../../vectors/rfc4226.json' with { type: 'json' };
import rfc6238 from '../../vectors/rfc6238.json' with { type: 'json' };
import { type Case, equal, hex, throws } from './check.js';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const { digits, period, t0, seedsHex } = rfc6238;

export const otp: readonly Case[] = [
  ...rfc4226.cases.map(({ count, hotp: code }) => ({
    name: `RFC 4226 Appendix D: counter ${count} is ${code}`,
    run() {
      equal(hotp({ secret: hex(rfc4226.secretHex), counter: count, digits: 6 }), code);
      equal(hotp({ secret: hex(rfc4226.secretHex), counter: BigInt(count), digits: 6 }), code);
    },
  })),
  ...rfc6238.cases.flatMap(({ unixSeconds, step, codes }) =>
    Object.entries(codes).map(([algorithm, code]) => ({
      name: `RFC 6238 Appendix B: ${unixSeconds} s with ${algorithm} is ${code}`,
      run() {
        const secret = hex(seedsHex[algorithm as Algorithm]);
        const timeMs = unixSeconds * 1000;
        const options = { secret, algorithm: algorithm as Algorithm, digits, period, t0, timeMs };
        equal(totp(options), code);
        const accepted = { ok: true, code: 'accepted', step: Number.parseInt(step, 16), drift: 0 };
        equal(verifyTotp({ ...options, code }), accepted);
      },
    })),
  ),
  {
    name: `${pyotp.totp.length} codes of TOTP equal those of pyotp`,
    run() {
      for (const { secret, algorithm, digits, period, unixSeconds, code } of pyotp.totp) {
        const options = { secret, algorithm: algorithm as Algorithm, digits, period };
        equal(totp({ ...options, timeMs: unixSeconds * 1000 }), code, JSON.stringify(options));
      }
    },
  },
  {
    name: 'a code of another step in the window gives its drift, and one outside the window is wrong',
    run() {
      const at = (timeMs: number) => verifyTotp({ secret: SECRET, code: '94287082', timeMs });
      equal(at(29_999), { ok: true, code: 'accepted', step: 1, drift: 1 });
      equal(at(60_000), { ok: true, code: 'accepted', step: 1, drift: -1 });
      equal(at(90_000).ok, false);
    },
  },
  {
    name: 'a code is accepted once if the last step is handed back',
    run() {
      const held = createTotp({ secret: SECRET });
      equal(held.verify('94287082', { timeMs: 59_000 }).ok, true);
      equal(held.verify('94287082', { timeMs: 59_000, lastUsedStep: 1 }).ok, false);
    },
  },
  {
    name: 'an otpauth URI is read back as it was written',
    run() {
      const uri = otpauthUri({ account: 'älice 1', issuer: 'Exämple', secret: SECRET, digits: 6 });
      const { account, issuer, secret, digits } = parseOtpauthUri(uri);
      equal(
        { account, issuer, secret, digits },
        { account: 'älice 1', issuer: 'Exämple', secret: SECRET, digits: 6 },
      );
      equal(uri.startsWith('otpauth://totp/'), true);
    },
  },
  {
    name: 'a secret that is not base32 causes an error that does not show it',
    run: () =>
      throws(() => totp({ secret: 'not base32!' }), {
        name: 'VerifierError',
        code: 'ERR_OPTION',
        field: 'secret',
      }),
  },
];
