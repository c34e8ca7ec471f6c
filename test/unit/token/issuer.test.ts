import { describe, expect, it } from 'vitest';
import { createIssuer, type IssuerOptions, type TokenIssuer } from '../../../src/index.js';
import { harness } from './harness.js';
import {
  JID,
  KEYS,
  OTHER_KEYS,
  otpOf,
  PERIOD_MS,
  STEP,
  signatureOf,
  tokenOf,
} from './reference.js';

const hosts = { 'example.com': KEYS };
const clock = () => STEP * PERIOD_MS;
const issuerOf = (options: IssuerOptions = {}): Promise<TokenIssuer> =>
  createIssuer({ hosts, clock, ...options });

describe('issue', () => {
  it('returns 85 ASCII characters: 8 + 32 digits, a space, 44 of canonical base64', async () => {
    const issuer = await issuerOf();
    for (let i = 0; i < 1000; i++) {
      const token = issuer.issue(JID);
      expect(token).toHaveLength(85);
      expect(token).toMatch(/^\d{40} [A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/);
    }
  });

  it('equals node:crypto for the same nonce, for jids of all lengths', async () => {
    const issuer = await issuerOf();
    for (let length = 1; length <= 1023; length += length < 100 ? 1 : 61) {
      const jid = `${'u'.repeat(length)}@example.com`;
      const token = issuer.issue(jid);
      expect(token).toBe(tokenOf({ jid, nonce: token.slice(8, 40) }));
    }
  });

  it('signs a jid beyond ASCII as its UTF-8 bytes', async () => {
    const issuer = await issuerOf();
    for (const jid of ['zoë@example.com', '🐞@example.com', 'жук@example.com']) {
      const token = issuer.issue(jid);
      expect(token).toBe(tokenOf({ jid, nonce: token.slice(8, 40) }));
    }
  });

  it('takes the time from its clock, or from timeMs', async () => {
    let timeMs = 0;
    const issuer = await issuerOf({ clock: () => timeMs });
    for (const step of [0, 1, 37_037_036, STEP, 2 ** 32]) {
      timeMs = step * PERIOD_MS;
      expect(issuer.issue(JID).slice(0, 8)).toBe(otpOf(KEYS, step));
      timeMs += PERIOD_MS - 1;
      expect(issuer.issue(JID).slice(0, 8)).toBe(otpOf(KEYS, step));
      timeMs = 0;
      expect(issuer.issue(JID, { timeMs: step * PERIOD_MS }).slice(0, 8)).toBe(otpOf(KEYS, step));
    }
    expect(issuer.issue(JID, { timeMs: undefined }).slice(0, 8)).toBe(otpOf(KEYS, 0));
    expect(() => issuer.issue(JID, { timeMs: Number.NaN })).toThrow(RangeError);
    expect(() => issuer.issue(JID, { timeMs: -1 })).toThrow(RangeError);
  });

  for (const [options, field] of [
    [{ timems: 0 }, 'options.timems'],
    [{ timeMs: 0, jid: JID }, 'options.jid'],
    [12_345, 'options'],
    [null, 'options'],
    ['now', 'options'],
  ] as const) {
    it(`gives an error that names ${field} for the time ${JSON.stringify(options)}`, async () => {
      const issuer = await issuerOf();
      expect(() => issuer.issue(JID, options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', field }),
      );
    });
  }

  it('signs with the first of several keys', async () => {
    const issuer = await issuerOf({ hosts: { 'example.com': [OTHER_KEYS, KEYS] } });
    const token = issuer.issue(JID);
    expect(token).toBe(tokenOf({ keys: OTHER_KEYS, nonce: token.slice(8, 40) }));
    issuer.setHost('example.com', [KEYS, OTHER_KEYS]);
    const next = issuer.issue(JID);
    expect(next).toBe(tokenOf({ nonce: next.slice(8, 40) }));
  });

  it('signs with the host’s own keys', async () => {
    const issuer = await issuerOf({ hosts: { a: KEYS, b: OTHER_KEYS } });
    for (const [host, keys] of [
      ['a', KEYS],
      ['b', OTHER_KEYS],
      ['a', KEYS],
    ] as const) {
      const token = issuer.issue(`alice@${host}`);
      expect(token.slice(41)).toBe(signatureOf(keys, token.slice(0, 40), `alice@${host}`));
    }
  });

  it('makes tokens that are accepted once each', async () => {
    const [issuer, { verifier }] = await Promise.all([issuerOf(), harness()]);
    const tokens = Array.from({ length: 5000 }, () => issuer.issue(JID));
    expect(new Set(tokens).size).toBe(5000);
    expect(
      verifier.verifyBatch(
        tokens.map(() => JID),
        tokens,
      ).accepted,
    ).toBe(5000);
    expect(
      verifier.verifyBatch(
        tokens.map(() => JID),
        tokens,
      ).accepted,
    ).toBe(0);
  });

  it('does not change a token while others are issued', async () => {
    const issuer = await issuerOf();
    const token = issuer.issue(JID);
    const copy = `${token}`;
    issuer.issue('bob@example.com');
    expect(token).toBe(copy);
  });
});

describe('a jid that cannot be issued for', async () => {
  const issuer = await issuerOf();

  for (const jid of [
    '',
    'alice',
    '@example.com',
    'alice@',
    'a b@example.com',
    'a/b@example.com',
    'alice@example.com/phone',
    'alice@example.com@x',
    'a\0@example.com',
    '\ud800@example.com',
    `${'a'.repeat(1024)}@example.com`,
    `${'a'.repeat(200_000)}@example.com`,
    undefined,
    null,
    7,
    new TextEncoder().encode(JID),
  ]) {
    it(`gives an error that names jid: ${String(jid).slice(0, 20)} (${typeof jid})`, () => {
      expect(() => issuer.issue(jid as never)).toThrow(
        expect.objectContaining({
          code: 'ERR_OPTION',
          field: 'jid',
          message: expect.stringMatching(/bare JID/),
        }),
      );
    });
  }

  for (const jid of ['alice@example.org', 'alice@EXAMPLE.com']) {
    it(`gives an error that says how a host is spelled, as its host has no keys: ${jid}`, () => {
      const message = expect.stringMatching(
        /its host has no keys; set them .*in lower case.*prepareJid/,
      );
      expect(() => issuer.issue(jid)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', field: 'jid', message }),
      );
    });
  }

  it('includes one that preparation refuses', async () => {
    for (const prepareJid of [
      () => null,
      () => {
        throw new Error('refused');
      },
      () => 7 as never,
    ]) {
      // It has to let the host's own name through first.
      const picky = await issuerOf({
        prepareJid: (jid) => (jid.startsWith('ALICE') ? prepareJid() : jid),
      });
      expect(() => picky.issue('ALICE@example.com')).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', field: 'jid' }),
      );
      expect(picky.issue(JID)).toHaveLength(85);
    }
  });

  it('does not stop the issuer', () => {
    expect(issuer.issue(JID)).toHaveLength(85);
  });
});

describe('the issuer’s hosts', () => {
  it('are set, replaced and removed', async () => {
    const issuer = await issuerOf();
    issuer.setHost('B.example', OTHER_KEYS);
    expect(issuer.hosts).toEqual(['example.com', 'b.example']);
    expect(issuer.issue('x@b.example').slice(0, 8)).toBe(otpOf(OTHER_KEYS, STEP));
    expect(issuer.removeHost('b.example')).toBe(true);
    expect(issuer.removeHost('b.example')).toBe(false);
    expect(() => issuer.issue('x@b.example')).toThrow(/no keys/);
    expect(issuer.hosts).toEqual(['example.com']);
  });
});
