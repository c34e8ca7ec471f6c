/**
 * HMAC: RFC 2104, by the vectors of RFC 2202 and RFC 4231, whole and after a key that was disposed
 * of.
 */
import { type Algorithm, createHmac, hmac, hmacSha256 } from 'totp-token';
import rfc2202 from '../../vectors/rfc2202.json' with { type: 'json' };
import rfc4231 from '../../vectors/rfc4231.json' with { type: 'json' };
import { type Case, equal, hex, throws } from './check.js';
import { importHmac } from './reference.js';

interface Vector {
  readonly case: number;
  readonly key: string;
  readonly message: string;
  readonly macs: Readonly<Record<string, string>>;
}

function casesOf(source: string, vectors: readonly Vector[]): Case[] {
  return vectors.flatMap((vector) =>
    Object.entries(vector.macs).map(([algorithm, expected]) => ({
      name: `${source} case ${vector.case}, HMAC-${algorithm}`,
      run() {
        const [key, message] = [hex(vector.key), hex(vector.message)];
        const mac = hex(expected);
        // RFC 4231 case 5 gives the first 128 bits alone.
        equal(hmac(algorithm as Algorithm, key, message).slice(0, mac.length), mac);
        const held = createHmac(algorithm as Algorithm, key);
        held.digest('another message first');
        equal(held.digest(message).slice(0, mac.length), mac);
        if (algorithm === 'SHA-256') equal(hmacSha256(key, message).slice(0, mac.length), mac);
      },
    })),
  );
}

export const mac: readonly Case[] = [
  ...casesOf('RFC 2202', rfc2202.cases),
  ...casesOf('RFC 4231', rfc4231.cases),
  {
    name: "HMAC-SHA-256 equals WebCrypto's for every length around the edges of a block",
    async run() {
      const key = Uint8Array.from({ length: 40 }, (_, i) => i);
      const held = await importHmac('SHA-256', key);
      for (const length of [
        0, 1, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 128, 1000, 10_000, 100_000,
      ]) {
        const message = Uint8Array.from({ length }, (_, i) => i * 7);
        const expected = new Uint8Array(await crypto.subtle.sign('HMAC', held, message));
        equal(hmacSha256(key, message), expected, `${length} bytes`);
      }
    },
  },
  {
    name: 'a key that is disposed of throws ERR_DISPOSED',
    run() {
      const held = createHmac('SHA-256', 'key');
      held.dispose();
      return throws(() => held.digest('message'), { name: 'VerifierError', code: 'ERR_DISPOSED' });
    },
  },
];
