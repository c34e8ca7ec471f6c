import { MAX_JID_PART_BYTES } from '../limits.js';
import { bytesOf, isWellFormed } from '../text/utf8.js';
import { CodePointSet, unpackReplacements } from './code-points.js';
import { CASE_MAP, LEFT_TO_RIGHT, RIGHT_TO_LEFT, UNASSIGNED } from './stringprep-tables.js';

interface Profile {
  /** Texts that preparation certainly does not change. */
  readonly plain: RegExp;
  /** RFC 3454 §3. */
  readonly map: (text: string) => string;
  /**
   * RFC 3454 §5. Surrogates (C.5) are missing, because a text with a lone surrogate is refused
   * before.
   */
  readonly prohibited: RegExp;
}

// RFC 3454 Appendix C. U+0340 and U+0341 of C.8 are left out: normalization has replaced them.
const NON_ASCII_SPACE = String.raw`\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000`; // C.1.2
const ASCII_CONTROL = String.raw`\0-\x1F\x7F`; // C.2.1
const PROHIBITED_BY_ALL = [
  NON_ASCII_SPACE,
  String.raw`\x80-\x9F\u06DD\u070F\u180E\u200C\u200D\u2028\u2029\u2060-\u2063\u206A-\u206F`, // C.2.2
  String.raw`\uFEFF\uFFF9-\uFFFC\u{1D173}-\u{1D17A}`, // C.2.2
  String.raw`\uE000-\uF8FF\u{F0000}-\u{10FFFF}`, // C.3, and C.4 in the same planes
  String.raw`\uFDD0-\uFDEF\uFFFE\uFFFF`, // C.4
  ...Array.from(
    { length: 14 },
    (_, i) => `\\u{${(i + 1).toString(16)}FFFE}\\u{${(i + 1).toString(16)}FFFF}`,
  ), // C.4
  String.raw`\uFFFD\u2FF0-\u2FFB\u200E\u200F\u202A-\u202E`, // C.6 to C.8
  String.raw`\u{E0001}\u{E0020}-\u{E007F}`, // C.9
].join('');

const NOTHING = String.raw`\u00AD\u034F\u1806\u180B-\u180D\u200B-\u200D\u2060\uFE00-\uFE0F\uFEFF`; // B.1
const MAPPED_TO_NOTHING = new RegExp(`[${NOTHING}]`, 'gu');
const SPACES = new RegExp(`[${NON_ASCII_SPACE}]`, 'gu');

/**
 * The decompositions that Unicode 4.0 changed, in the form of Unicode 3.2, which ICU keeps for
 * stringprep: Corrigendum #4, and NormalizationCorrections.txt in the Unicode Character Database.
 */
const BEFORE_CORRIGENDUM_4: ReadonlyMap<string, string> = new Map([
  ['\u{2F868}', '\u{2136A}'],
  ['\u{2F874}', '\u{5F33}'],
  ['\u{2F91F}', '\u{43AB}'],
  ['\u{2F95F}', '\u{7AAE}'],
  ['\u{2F9BF}', '\u{4D57}'],
]);

const NODEPREP: Profile = {
  plain: /^[!#-%(-.0-9;=?[-~]*$/,
  map: foldCase,
  // The eight characters of RFC 3920 §A.5, and the space (C.1.1).
  prohibited: new RegExp(`["&'/:<>@ ${ASCII_CONTROL}${PROHIBITED_BY_ALL}]`, 'u'),
};

const NAMEPREP: Profile = {
  plain: /^[ -@[-~]*$/,
  map: foldCase,
  prohibited: new RegExp(`[${PROHIBITED_BY_ALL}]`, 'u'),
};

const SASLPREP: Profile = {
  plain: /^[ -~]*$/,
  // U+200B is in both tables. ICU, and so Prosody, treats it as a space.
  map: (text) => text.replace(SPACES, ' ').replace(MAPPED_TO_NOTHING, ''),
  prohibited: new RegExp(`[${ASCII_CONTROL}${PROHIBITED_BY_ALL}]`, 'u'),
};

/**
 * Prepares the localpart of a JID: the Nodeprep profile, RFC 3920 Appendix A.
 *
 * Letters become lower case (`ALICE` is `alice`, `ß` is `ss`), compatibility variants their plain
 * form, and invisible characters vanish, so the result may be empty.
 *
 * @returns `null` if the text holds a prohibited character (spaces, controls, private use and any
 *   of `"&'/:<>@` among them) or a lone surrogate, mixes directions of writing against RFC 3454 §6,
 *   or measures more than 1023 bytes of UTF-8 before or after.
 */
export function nodeprep(text: string): string | null {
  return prepare(text, NODEPREP);
}

/**
 * Prepares a domain name: the Nameprep profile, RFC 3491.
 *
 * The text is prepared as a whole. It is not split into labels, and nothing is converted to or from
 * Punycode. ASCII other than letters is left alone, so the result need not be a domain name: see
 * `isDomain`.
 *
 * @returns `null` for the reasons of {@link nodeprep}, except that any ASCII is allowed.
 */
export function nameprep(text: string): string | null {
  return prepare(text, NAMEPREP);
}

/**
 * Prepares a user name or password for comparison: the SASLprep profile, RFC 4013, of a query
 * (§2.5: code points that Unicode 3.2 does not assign are allowed).
 *
 * Case is kept. Spaces of every width become U+0020, compatibility variants their plain form, and
 * invisible characters vanish, so the result may be empty.
 *
 * @returns `null` for the reasons of {@link nodeprep}, except that all printable ASCII is allowed.
 */
export function saslprep(text: string): string | null {
  return prepare(text, SASLPREP);
}

function prepare(text: string, profile: Profile): string | null {
  if (typeof text !== 'string' || text.length > MAX_JID_PART_BYTES) return null;
  if (profile.plain.test(text)) return text;
  // Checked before mapping. Two lone surrogates around a deleted character would become a valid
  // pair.
  if (!isWellFormed(text) || isTooLong(text)) return null;
  const prepared = normalize(profile.map(text));
  const refused =
    profile.prohibited.test(prepared) || mixesDirections(prepared) || isTooLong(prepared);
  return refused ? null : prepared;
}

function isTooLong(text: string): boolean {
  // A UTF-16 unit takes 3 bytes at most, so most texts need not be encoded.
  return text.length * 3 > MAX_JID_PART_BYTES && bytesOf(text).length > MAX_JID_PART_BYTES;
}

/** RFC 3454 Tables B.1 and B.2. */
function foldCase(text: string): string {
  const { caseMap } = tables();
  let folded = '';
  for (const char of text.replace(MAPPED_TO_NOTHING, '')) folded += caseMap.get(char) ?? char;
  return folded;
}

/**
 * NFKC of Unicode 3.2, RFC 3454 §4. Unassigned characters stay unchanged, and the text between them
 * is normalized separately.
 *
 * The platform's NFKC of all other characters has not changed since Unicode 4.1 and never will
 * (Unicode's normalization stability policy), so all engines agree.
 */
function normalize(text: string): string {
  const { unassigned } = tables();
  let done = '';
  let known = '';
  for (const char of text) {
    if (unassigned.has(char.codePointAt(0)!)) {
      done += known.normalize('NFKC') + char;
      known = '';
    } else {
      known += BEFORE_CORRIGENDUM_4.get(char) ?? char;
    }
  }
  return done + known.normalize('NFKC');
}

/** RFC 3454 §6, requirements 2 and 3. */
function mixesDirections(text: string): boolean {
  const { rightToLeft, leftToRight } = tables();
  if (!rightToLeft.hasAny(text)) return false;
  const chars = [...text];
  const bothEnds = rightToLeft.hasAny(chars[0]!) && rightToLeft.hasAny(chars.at(-1)!);
  return !bothEnds || leftToRight.hasAny(text);
}

interface Tables {
  readonly unassigned: CodePointSet;
  readonly rightToLeft: CodePointSet;
  readonly leftToRight: CodePointSet;
  readonly caseMap: ReadonlyMap<string, string>;
}

let unpacked: Tables | undefined;

/** Unpacks the tables when a text first needs them. Most programs see only ASCII. */
function tables(): Tables {
  unpacked ??= {
    unassigned: new CodePointSet(UNASSIGNED),
    rightToLeft: new CodePointSet(RIGHT_TO_LEFT),
    leftToRight: new CodePointSet(LEFT_TO_RIGHT),
    caseMap: unpackReplacements(CASE_MAP),
  };
  return unpacked;
}
