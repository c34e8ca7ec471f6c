import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameprep, nodeprep, saslprep } from '../../../src/xmpp/stringprep.js';
import more from '../../vectors/prosody-stringprep-more.json' with { type: 'json' };
import { codePointsLikeProsody } from './code-points.js';

const PROFILES = { nodeprep, nameprep, saslprep };
const { strings } = more;

codePointsLikeProsody(
  'the code points of the first plane and the tags, and the first and last of each other range',
  (codePoint, isEnd) => codePoint < 0x10000 || codePoint >> 8 === 0xe00 || isEnd,
);

it(`prepares ${strings.length} texts of many characters as Prosody does`, () => {
  const found = strings.filter(
    ([profile, text, result]) => PROFILES[profile as keyof typeof PROFILES](text!) !== result,
  );
  expect(found).toEqual([]);
});

describe('an example of the standards', () => {
  for (const [standard, profile, text, result] of [
    ['RFC 4013 §3', saslprep, 'I\u00ADX', 'IX'],
    ['RFC 4013 §3', saslprep, 'user', 'user'],
    ['RFC 4013 §3', saslprep, 'USER', 'USER'],
    ['RFC 4013 §3', saslprep, '\u00AA', 'a'],
    ['RFC 4013 §3', saslprep, '\u2168', 'IX'],
    ['RFC 4013 §3', saslprep, '\u0007', null],
    ['RFC 4013 §3', saslprep, '\u06271', null],
    ['RFC 3454 §6', saslprep, '\u06271\u0628', '\u06271\u0628'],
    ['RFC 3491 §3', nameprep, 'Stra\u00DFe', 'strasse'],
    ['RFC 3920 §A.5', nodeprep, 'a&b', null],
    ['RFC 3920 §A.5', nodeprep, 'a b', null],
  ] as const) {
    it(`is prepared as in ${standard}: ${JSON.stringify(text)}`, () =>
      expect(profile(text)).toBe(result));
  }
});

describe('each profile', () => {
  for (const [name, profile] of Object.entries(PROFILES)) {
    it(`${name} has one normal form for composed and decomposed letters`, () => {
      expect(profile('zoe\u0308')).toBe('zo\u00EB');
      expect(profile('\u1112\u1161\u11AB')).toBe('\uD55C');
      expect(profile('q\u0307\u0323')).toBe('q\u0323\u0307');
    });

    it(`${name} keeps characters newer than Unicode 3.2, and normalizes around them`, () => {
      expect(profile('e\u0301\u{1F600}e\u0301')).toBe('\u00E9\u{1F600}\u00E9');
      // U+1F130 is a squared A, U+1DC4 a combining mark: NFKC of today would change both texts.
      expect(profile('\u{1F130}')).toBe('\u{1F130}');
      expect(profile('a\u1DC4\u0323')).toBe('a\u1DC4\u0323');
    });

    it(`${name} refuses lone surrogates, even around a character that it removes`, () => {
      for (const text of ['\uD83D', '\uDE00', 'a\uD83Db', '\uDE00\uD83D', '\uD83D\u00AD\uDE00']) {
        expect(profile(text)).toBe(null);
      }
      expect(profile('\uD83D\uDE00')).toBe('\u{1F600}');
    });

    it(`${name} takes at most 1023 bytes of UTF-8, before and after preparation`, () => {
      expect(profile('a'.repeat(1023))).toHaveLength(1023);
      expect(profile('a'.repeat(1024))).toBe(null);
      expect(profile(`a${'\u00E9'.repeat(511)}`)).toHaveLength(512);
      expect(profile('\u00E9'.repeat(512))).toBe(null);
      // 2 bytes that are removed, 3 bytes that stay 3, 3 bytes that become 18.
      expect(profile('\u00AD'.repeat(511))).toBe('');
      expect(profile('\u00AD'.repeat(512))).toBe(null);
      expect(profile('\uFB03'.repeat(341))).toBe('ffi'.repeat(341));
      expect(profile('\u3316'.repeat(56))).toHaveLength(56 * 6);
      expect(profile('\u3316'.repeat(57))).toBe(null);
    });

    it(`${name} leaves the empty text empty`, () => expect(profile('')).toBe(''));

    it(`${name} answers null to a value that is not a string`, () => {
      for (const value of [undefined, null, 7, {}, ['alice'], Symbol('alice')]) {
        expect(profile(value as string)).toBe(null);
      }
    });

    it(`${name} does not change a text that it has prepared`, () => {
      fc.assert(
        fc.property(texts, (text) => {
          const once = profile(text);
          return once === null || profile(once) === once;
        }),
        { numRuns: 3000 },
      );
    });

    it(`${name} prepares canonically equivalent texts to the same text`, () => {
      fc.assert(
        fc.property(
          assignedTexts,
          (text) => profile(text.normalize('NFD')) === profile(text.normalize('NFC')),
        ),
        { numRuns: 3000 },
      );
    });
  }
});

/** Ranges whose characters act on each other more often than random characters do. */
const range = (first: number, last: number) => fc.integer({ min: first, max: last });
const text = (...codePoints: fc.Arbitrary<number>[]) =>
  fc.array(fc.oneof(...codePoints), { maxLength: 8 }).map((all) => String.fromCodePoint(...all));
const assigned = [
  range(0x20, 0x7e),
  range(0xa0, 0x21f),
  range(0x300, 0x34e),
  range(0x5d0, 0x5ea),
  range(0x1e00, 0x1e9b),
];
const assignedTexts = text(...assigned);
const texts = text(
  ...assigned,
  range(0x1100, 0x11ff),
  range(0x2000, 0x33ff),
  range(0xf900, 0xffff),
  range(0, 0x10ffff),
);
