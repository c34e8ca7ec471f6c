/**
 * Hosts whose names begin with each other, end with each other or hold each other, all with the
 * same keys: only the signed name tells their tokens apart. Thousands of hosts with keys of their
 * own: test/unit/token/hosts.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { KEYS, tokenOf, withWrongSignature } from '../unit/token/reference.js';
import { ALL_WAYS, type Entry, withRig } from './ways.js';

const NAMES = [
  ...Array.from({ length: 20 }, (_, i) => 'a'.repeat(i + 1)),
  'example.com',
  'example.co',
  'example.comm',
  'ample.com',
  'example.com.evil.org',
  'evil.org.example.com',
  'example-com',
  'com',
  'xn--example-com.org',
  '192.0.2.1',
  '192.0.2.11',
  '[2001:db8::1]',
];
const hosts = Object.fromEntries(NAMES.map((name) => [name, KEYS]));

describe.each(ALL_WAYS)('hosts that begin with each other, asked as %s', (way) => {
  it('accept a token at its own host and at no other', async () => {
    await withRig(way, { hosts }, async (rig) => {
      const attacks: Entry[] = [];
      for (const [nonce, own] of NAMES.entries()) {
        const token = tokenOf({ jid: `alice@${own}`, nonce });
        for (const other of NAMES)
          if (other !== own) attacks.push({ jid: `alice@${other}`, token });
      }
      expect(new Set(await rig.ask(attacks))).toEqual(new Set(['bad-signature']));
      for (const [nonce, own] of NAMES.entries()) {
        const jid = `alice@${own}`;
        expect(await rig.one(jid, tokenOf({ jid, nonce })), own).toBe('accepted');
      }
    });
  });

  it('differ when a name is cut anywhere or has anything after it', async () => {
    await withRig(way, {}, async (rig) => {
      const domain = 'example.com';
      const tails = [
        '.',
        '..',
        'm',
        '.com',
        ':5222',
        '\0',
        ' ',
        '\u00ad',
        '\u200b',
        '%00',
        '#',
        '?',
        '\\',
      ];
      const others = [
        ...Array.from({ length: domain.length - 1 }, (_, i) => domain.slice(0, i + 1)),
        ...Array.from({ length: domain.length - 1 }, (_, i) => domain.slice(i + 1)),
        ...tails.flatMap((tail) => [domain + tail, tail + domain]),
      ];
      const signedSo = others.map((other) => {
        const jid = `alice@${other}`;
        return { jid, token: tokenOf({ jid }) };
      });
      expect(new Set(await rig.ask(signedSo))).toEqual(new Set(['unknown-host']));
      for (const tail of ['/', '@', '/example.com', '@example.com']) {
        const jid = `alice@example.com${tail}`;
        expect(await rig.one(jid, tokenOf({ jid })), tail).toBe('malformed');
      }
    });
  });

  it('are looked up anew for each token, whichever host was found last', async () => {
    await withRig(way, { hosts }, async (rig) => {
      const entries: Entry[] = [];
      for (const [i, name] of NAMES.entries()) {
        const next = NAMES[(i + 1) % NAMES.length]!;
        const own = `bob@${name}`;
        entries.push({ jid: own, token: tokenOf({ jid: own, nonce: i }) });
        entries.push({ jid: `${own}z`, token: tokenOf({ jid: `${own}z` }) });
        entries.push({ jid: `bob@${next}`, token: tokenOf({ jid: own, nonce: 100 + i }) });
        entries.push({
          jid: own,
          token: withWrongSignature(tokenOf({ jid: own, nonce: 200 + i })),
        });
      }
      expect(await rig.ask(entries)).toEqual(
        NAMES.flatMap(() => ['accepted', 'unknown-host', 'bad-signature', 'bad-signature']),
      );
    });
  });

  it('keep the parts of a jid apart: the first @ ends the name', async () => {
    await withRig(way, { hosts: { 'a.b': KEYS, b: KEYS } }, async (rig) => {
      const token = tokenOf({ jid: 'x@a.b' });
      const attacks = [
        'x.a@b',
        'xa.@b',
        'x@a@b',
        'x@b@a.b',
        '@x@a.b',
        'x@a.b@b',
        'x@b/a.b',
        'x@a.b/x@b',
      ];
      for (const jid of attacks) expect(await rig.one(jid, token), jid).not.toBe('accepted');
      expect(await rig.one('x@a.b', token)).toBe('accepted');
    });
  });
});
