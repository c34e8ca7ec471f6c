import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeprep, prepareJid } from '../../../src/xmpp/prepare-jid.js';
import more from '../../vectors/prosody-stringprep-more.json' with { type: 'json' };

describe('prepareJid', () => {
  for (const [jid, prepared] of more.jids) {
    it(`turns ${JSON.stringify(jid)} into ${JSON.stringify(prepared)}, as Prosody does`, () => {
      expect(prepareJid(jid!)).toBe(prepared);
    });
  }

  for (const [why, jid, prepared] of [
    ['letters become lower case', 'ALICE@EXAMPLE.COM', 'alice@example.com'],
    ['a sharp s becomes two letters', 'ßmith@example.com', 'ssmith@example.com'],
    ['full-width digits become ASCII', '\uFF11\uFF12@example.com', '12@example.com'],
    ['soft hyphens vanish', 'al\u00ADice@example.com', 'alice@example.com'],
    ['letters are composed', 'zoe\u0308@example.com', 'zoë@example.com'],
    ['emoji are kept', '\u{1F44B}\u{1F3FD}@example.com', '\u{1F44B}\u{1F3FD}@example.com'],
    ['the Kelvin sign becomes a k', '\u212Aim@example.com', 'kim@example.com'],
    ['case unknown to Unicode 3.2 is kept', '\u1C90\uA640@example.com', '\u1C90\uA640@example.com'],
    ['full-width dots separate labels', 'alice@example\uFF0Ecom', 'alice@example.com'],
    [
      'other ASCII characters are kept',
      '!#$%()*+,-.0;=?[\\]^_`{|}~@example.com',
      '!#$%()*+,-.0;=?[\\]^_`{|}~@example.com',
    ],
    ['a domain may be one label', 'alice@localhost', 'alice@localhost'],
    ['hyphens inside a label are kept', 'alice@a--b-c.d-e', 'alice@a--b-c.d-e'],
    ['a capital after a hyphen becomes lower case', 'alice@a-B', 'alice@a-b'],
    ['a capital after a dot becomes lower case', 'alice@a.B', 'alice@a.b'],
    ['capitals after a dot and a hyphen become lower case', 'alice@a.b-C', 'alice@a.b-c'],
    ['underscores in a domain are kept', 'alice@_xmpp._tcp.example', 'alice@_xmpp._tcp.example'],
    ['an IPv4 address is kept', 'alice@192.0.2.1', 'alice@192.0.2.1'],
    ['an IPv6 address becomes lower case', 'alice@[2001:DB8::1]', 'alice@[2001:db8::1]'],
    ['one dot at the end is dropped', 'alice@example.com.', 'alice@example.com'],
  ] as const) {
    it(`${why}: ${jid}`, () => expect(prepareJid(jid)).toBe(prepared));
  }

  it('does not convert a domain to or from Punycode', () => {
    expect(prepareJid('alice@XN--BCHER-KVA.example')).toBe('alice@xn--bcher-kva.example');
    expect(prepareJid('alice@B\u00DCCHER.example')).toBe('alice@b\u00FCcher.example');
  });

  for (const [why, ...jids] of [
    ['no @', '', 'alice', 'example.com', 'alice\uFF20example.com'],
    ['no localpart', '@example.com', '\u00AD@example.com', '@'],
    ['no domain', 'alice@', 'alice@.', 'alice@\u00AD', 'alice@..'],
    [
      'a second @',
      'alice@example.com@',
      'alice@@example.com',
      'a@b@example.com',
      'a@b\uFF20c',
      'a\uFF20b@c',
    ],
    [
      'a resource',
      'alice@example.com/phone',
      'alice@example.com/',
      'alice/x@example.com',
      'a@b\uFF0Fc',
    ],
    [
      'a prohibited character',
      ...'"&\' :<>\t\n\0\x7F'.split('').map((char) => `al${char}ice@example.com`),
    ],
    [
      'a space',
      ' alice@example.com',
      'alice@example.com ',
      'al\u00A0ice@example.com',
      'alice@exam\u3000ple.com',
    ],
    [
      'a character that is not for plain text',
      'alice\uE000@example.com',
      'alice\uFFFD@b',
      'a\u202E@b',
      'a@b\u200E',
    ],
    [
      'an empty label',
      'alice@.example.com',
      'alice@example..com',
      'alice@a.\u00AD.b',
      'alice@example.com..',
    ],
    [
      'a dot at the end that appears by preparation',
      'alice@example.com\uFF0E',
      'alice@example.com.\u00AD',
    ],
    ['another separator of labels', 'alice@example\u3002com', 'alice@example\uFF61com'],
    ['a hyphen at the edge of a label', 'alice@-a.example', 'alice@a-.example', 'alice@-'],
    [
      'ASCII that host names cannot hold',
      'alice@exam!ple',
      'alice@a:5222',
      'alice@a+b',
      'alice@a\\b',
      'alice@a~',
      'alice@a*',
      'alice@a-!',
      'alice@a.!',
      'alice@a.b-!',
    ],
    [
      'brackets without an IPv6 address',
      'alice@[]',
      'alice@[1]',
      'alice@[a.b]',
      'alice@[::1',
      'alice@[::g]',
      'alice@[::1]a',
    ],
    [
      'letters of both directions',
      '\u05D0a@example.com',
      '\u05D0-@example.com',
      'alice@\u05D0.example',
    ],
    ['a lone surrogate', '\uD83D@example.com', 'alice@\uDE00', 'al\uD83D\u00AD\uDE00@example.com'],
  ] as const) {
    it(`refuses a jid with ${why}`, () => {
      expect(jids.filter((jid) => prepareJid(jid) !== null)).toEqual([]);
    });
  }

  it('accepts parts of 1 to 1023 bytes of UTF-8, and no longer ones', () => {
    const longest = 'a'.repeat(1023);
    for (const jid of [`${longest}@a`, `a@${longest}`, `${longest}@${longest}`, 'a@a']) {
      expect(prepareJid(jid)).toBe(jid);
    }
    for (const jid of [
      `${longest}a@a`,
      `a@${longest}a`,
      `${'\u00E9'.repeat(512)}@a`,
      `a@${'\u00E9'.repeat(512)}`,
    ]) {
      expect(prepareJid(jid)).toBe(null);
    }
    expect(prepareJid(`${longest}@${longest}.`)).toBe(`${longest}@${longest}`);
    expect(prepareJid(`${longest.toUpperCase()}@${longest.toUpperCase()}`)).toBe(
      `${longest}@${longest}`,
    );
  });

  it('answers null to texts far above its limit', () => {
    for (const piece of ['a', 'A', '-', '.', 'a-', 'a.', '@', '\u00E9', '\u00AD', '\uD83D', '[:']) {
      for (const jid of [
        piece.repeat(200_000),
        `a@${piece.repeat(200_000)}`,
        `${piece.repeat(200_000)}@a`,
      ]) {
        expect(prepareJid(jid)).toBe(null);
      }
    }
  });

  it('answers null to a value that is not a string', () => {
    for (const value of [
      undefined,
      null,
      7,
      true,
      {},
      ['alice@example.com'],
      Symbol('alice@example.com'),
    ]) {
      expect(prepareJid(value as string)).toBe(null);
    }
    expect(prepareJid(new String('alice@example.com') as string)).toBe(null);
  });

  it('does not change a jid that it has prepared', () => {
    fc.assert(
      fc.property(jidLike, (jid) => {
        const once = prepareJid(jid);
        return once === null || prepareJid(once) === once;
      }),
      { numRuns: 5000 },
    );
  });

  it('returns one @, a localpart as nodeprep makes it, and a domain without capitals or separators', () => {
    fc.assert(
      fc.property(jidLike, (jid) => {
        const prepared = prepareJid(jid);
        if (prepared === null) return;
        const [localpart, domainpart, ...others] = prepared.split('@');
        expect(others).toEqual([]);
        expect(nodeprep(jid.slice(0, jid.indexOf('@')))).toBe(localpart);
        expect(domainpart).toMatch(/^(?:[^\0-,/:-^`{-\x7F]+|\[[0-9a-f:.]+\])$/);
      }),
      { numRuns: 5000 },
    );
  });
});

/** Texts so similar to a JID that many of them are one. */
const pieces = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'a',
      'B',
      'ß',
      'é',
      'e\u0301',
      '\u00AD',
      'ﬀ',
      '①',
      '⒈',
      '\uFF21',
      '😀',
      '\u05D0',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom('.', '-', '_', '\uFF0E', '\u3002', 'xn--', '[::1]') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 2 }) },
);
const part = fc.array(pieces, { minLength: 1, maxLength: 5 }).map((all) => all.join(''));
const jidLike = fc.tuple(part, part).map(([localpart, domainpart]) => `${localpart}@${domainpart}`);
