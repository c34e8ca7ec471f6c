/**
 * Keys leave the Wasm memory when their owner is done with them.
 *
 * Two ways to see it. One looks for the key and what is made of it: its bytes, and the midstates of
 * RFC 2104, which are as good as the key. The other needs no list: two cores that did the same with
 * different keys must end up with the same memory, byte for byte; whatever depends on a key and was
 * left somewhere would differ.
 */
import { describe, expect, it } from 'vitest';
import {
  type Algorithm,
  createHmac,
  createIssuer,
  createVerifier,
  type HostKeys,
  hmac,
  type TokenVerifier,
} from '../../../src/index.js';
import { Core, sharedCore } from '../../../src/wasm/core.js';
import { moduleNow } from '../../../src/wasm/module.js';
import { JID, PERIOD_MS, STEP, tokenOf, withWrongSignature } from '../token/reference.js';
import { countIn, midstatesOf, piecesOf } from './key-pieces.js';
import { contentsOf, memoryOf } from './memory-of.js';

const ALGORITHMS: readonly Algorithm[] = ['SHA-1', 'SHA-256', 'SHA-512'];

/** Short keys, and such as outgrow the hashes' blocks. Those of a pair differ in every byte. */
const PAIRS: readonly (readonly [string, HostKeys, HostKeys])[] = [
  [
    'short keys',
    {
      otpSeed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      tokenSecret: 'JYXEX4IQOEYFYQ2S3MC5P4ZT4SDHYEA7',
    },
    {
      otpSeed: 'XVGR73KMZH2M4XMYKRUGKIDUN5VWK3RA',
      tokenSecret: 'a secret of the very same length',
    },
  ],
  [
    'long keys',
    {
      otpSeed: 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U'.repeat(10),
      tokenSecret: 'one secret '.repeat(30),
    },
    {
      otpSeed: 'ONSWG4TFORZWC3TEMJQXGZJTGIZTIMJU'.repeat(10),
      tokenSecret: 'ANOTHER ONE'.repeat(30),
    },
  ],
];
const [[, KEYS]] = PAIRS as [(typeof PAIRS)[number]];

/** A verifier and the memory of its core. */
const makeVerifier = (algorithm: Algorithm) =>
  memoryOf(() =>
    createVerifier({ algorithm, clock: () => STEP * PERIOD_MS, replay: { capacity: 100 } }),
  );

function use(verifier: TokenVerifier, keys: HostKeys, algorithm: Algorithm): void {
  const nodeName = algorithm.toLowerCase().replace('-', '') as 'sha1' | 'sha256' | 'sha512';
  for (const jid of [JID, 'a@example.com', `${'long'.repeat(30)}@example.com`]) {
    const tokens = Array.from({ length: 5 }, (_, nonce) =>
      tokenOf({ keys, jid, nonce, algorithm: nodeName }),
    );
    expect(verifier.verify(jid, tokens[0]!).code).toBe('accepted');
    expect(verifier.verify(jid, withWrongSignature(tokens[1]!)).code).toBe('bad-signature');
    const batch = verifier.verifyBatch(
      tokens.map(() => jid),
      tokens,
    );
    expect(batch.accepted).toBe(4);
  }
}

for (const algorithm of ALGORITHMS) {
  for (const [name, keys, others] of PAIRS) {
    describe(`${name}, OTP by ${algorithm}`, () => {
      const pieces = piecesOf(keys, algorithm);

      for (const [end, remove] of [
        ['removeHost', (verifier) => verifier.removeHost('example.com')],
        ['setHost with another key', (verifier) => verifier.setHost('example.com', others)],
        ['dispose', (verifier) => verifier.dispose()],
      ] as readonly (readonly [string, (verifier: TokenVerifier) => void])[]) {
        it(`leave nothing of a used key in memory when ${end}`, async () => {
          const { made: verifier, memory } = await makeVerifier(algorithm);
          verifier.setHost('example.com', keys);
          use(verifier, keys, algorithm);
          // The midstates are what a verifier works with; keys themselves are gone as soon as they
          // are set.
          const midstates = algorithm === 'SHA-512' ? 24 : algorithm === 'SHA-256' ? 16 : 12;
          expect(countIn(memory, pieces)).toBe(midstates);
          remove(verifier);
          expect(countIn(memory, pieces)).toBe(0);
        });
      }

      it('leave nothing in memory that depends on the key when set and removed at once', async () => {
        const left = [];
        for (const key of [keys, others]) {
          const { made: verifier, memory } = await makeVerifier(algorithm);
          verifier.setHost('example.com', [key, key]);
          verifier.removeHost('example.com');
          left.push(contentsOf(memory));
        }
        expect(left[0]!.equals(left[1]!)).toBe(true);
      });

      it('make the memories of two keys differ while they are set', async () => {
        const there = [];
        for (const key of [keys, others]) {
          const { made: verifier, memory } = await makeVerifier(algorithm);
          verifier.setHost('example.com', key);
          there.push(contentsOf(memory));
        }
        expect(there[0]!.equals(there[1]!)).toBe(false);
      });
    });
  }
}

describe('a verifier that was disposed of', () => {
  it('leaves only zeros behind the constants: no key, OTP, token, jid or guard', async () => {
    const { made: verifier, memory } = await makeVerifier('SHA-1');
    const untouched = contentsOf(new Core(moduleNow()).calls.memory);
    const constants = untouched.findLastIndex((byte) => byte !== 0);
    verifier.setHost('example.com', KEYS);
    use(verifier, KEYS, 'SHA-1');
    verifier.verifyLines(`${JID}\t${tokenOf({ keys: KEYS, nonce: 77 })}\n`);
    verifier.dispose();
    const rest = contentsOf(memory).subarray(constants + 1);
    expect(rest.length).toBeGreaterThan(200_000);
    expect(rest.every((byte) => byte === 0)).toBe(true);
  });
});

describe('an issuer', () => {
  it('holds no key once it is removed or the issuer is disposed of', async () => {
    const pieces = piecesOf(KEYS, 'SHA-1');
    for (const end of ['removeHost', 'dispose'] as const) {
      const { made: issuer, memory } = await memoryOf(() =>
        createIssuer({ hosts: { 'example.com': KEYS } }),
      );
      issuer.issue(JID);
      expect(countIn(memory, pieces)).toBe(12);
      issuer[end]('example.com');
      expect(countIn(memory, pieces)).toBe(0);
    }
  });
});

describe('keys of HMAC', () => {
  const { memory } = sharedCore().calls;
  const INPUT = sharedCore().input.length;

  for (const algorithm of ALGORITHMS) {
    for (const length of [8, 20, 64, 65, 128, 129, 1000, INPUT, INPUT + 1000]) {
      it(`of ${algorithm}, ${length} bytes, are wiped when disposed of, and at once by hmac()`, () => {
        const key = Buffer.alloc(length, `${algorithm} key of ${length} bytes, `);
        const pieces = [...Array(Math.floor(length / 8)).keys()]
          .filter((i) => i < 20 || i > length / 8 - 20)
          .map((i) => key.subarray(i * 8, i * 8 + 8));
        const midstates = length <= INPUT ? midstatesOf(algorithm, key) : [];

        const held = createHmac(algorithm, key);
        held.digest('message');
        expect(countIn(memory, pieces)).toBe(0);
        expect(countIn(memory, midstates)).toBe(midstates.length);
        held.dispose();
        expect(countIn(memory, midstates)).toBe(0);

        hmac(algorithm, key, 'message');
        hmac(algorithm, key.toString('latin1'), 'message');
        expect(countIn(memory, [...pieces, ...midstates])).toBe(0);
      });
    }

    it(`of ${algorithm} leave nothing in memory that depends on them`, () => {
      const left = [1, 2].map((filler) => {
        createHmac(algorithm, Buffer.alloc(200, filler)).dispose();
        createHmac(algorithm, Buffer.alloc(20, filler)).dispose();
        return contentsOf(memory);
      });
      expect(left[0]!.equals(left[1]!)).toBe(true);
    });
  }
});
