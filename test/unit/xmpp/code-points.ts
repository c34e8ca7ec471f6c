/** What Prosody 0.12.3 makes of code points, alone and beside letters. */
import { describe, expect, it } from 'vitest';
import { nameprep, nodeprep, saslprep } from '../../../src/xmpp/stringprep.js';
import prosody from '../../vectors/prosody-stringprep.json' with { type: 'json' };
import more from '../../vectors/prosody-stringprep-more.json' with { type: 'json' };

const { nameprepUnlikeNodeprep, refusedBeforeHyphen, refusedBetweenAlefs } = more;
const ALEF = '\u05D0';

const hex = (text: string | undefined) => Number.parseInt(text ?? '', 16);
const utf8 = (bytes: string) => Buffer.from(bytes, 'hex').toString('utf8');
const shown = (text: string | null) => (text === null ? 'null' : JSON.stringify(text));

/**
 * Which code points are tried.
 *
 * @param isEnd - Whether it is the first or last of a range that Prosody treats alike.
 */
type Choice = (codePoint: number, isEnd: boolean) => boolean;

/**
 * What Prosody makes of each code point but the surrogates: `same`, `refused`, or the result's
 * UTF-8 in hex.
 */
function answers(chosen: Choice, ...tables: string[][][]): Map<number, string> {
  const all = new Map<number, string>();
  for (const [first, last, answer] of tables.flat()) {
    const [from, to] = [hex(first), hex(last)];
    for (let codePoint = from; codePoint <= to; codePoint++) {
      if (chosen(codePoint, codePoint === from || codePoint === to)) all.set(codePoint, answer!);
    }
  }
  return all;
}

/** Code points for which `ours` answers otherwise than `expected` says, with both answers. */
function mismatches(
  expected: Map<number, string>,
  ours: (char: string) => string | null,
): string[] {
  const found: string[] = [];
  for (const [codePoint, answer] of expected) {
    const char = String.fromCodePoint(codePoint);
    const wanted = answer === 'same' ? char : answer === 'refused' ? null : utf8(answer);
    const got = ours(char);
    if (got !== wanted)
      found.push(`U+${codePoint.toString(16)}: ${shown(got)} instead of ${shown(wanted)}`);
  }
  return found;
}

/** Suites that compare code points with the answers of Prosody. */
export function codePointsLikeProsody(what: string, chosen: Choice): void {
  describe(`${what}, as Prosody 0.12.3 prepares them`, () => {
    const every = () => true;
    const ofNodeprep = answers(chosen, prosody.nodeprep);

    /** As {@link mismatches}, where only the fact of a refusal counts. */
    function wronglyRefused(ranges: string[][], context: (char: string) => string): string[] {
      const tried = new Set([...ofNodeprep.keys(), ...answers(chosen, ranges).keys()]);
      const refused = answers((codePoint) => tried.has(codePoint), ranges);
      const found: string[] = [];
      for (const codePoint of tried) {
        const result = saslprep(context(String.fromCodePoint(codePoint)));
        if ((result === null) !== refused.has(codePoint))
          found.push(`U+${codePoint.toString(16)}: ${shown(result)}`);
      }
      return found;
    }

    it('the tables have 1,112,064 of them', () => {
      const count = (table: string[][]) =>
        table.reduce((sum, [first, last]) => sum + hex(last) - hex(first) + 1, 0);
      expect([count(prosody.nodeprep), count(prosody.saslprep)]).toEqual([
        0x110000 - 0x800,
        0x110000 - 0x800,
      ]);
    });

    it('nodeprep', () => {
      expect(mismatches(ofNodeprep, nodeprep)).toEqual([]);
    });

    it('nameprep', () => {
      const expected = answers(chosen, prosody.nodeprep, nameprepUnlikeNodeprep);
      // An end of a range of nodeprep may lie within one of nameprep's own.
      for (const [codePoint, answer] of answers(every, nameprepUnlikeNodeprep))
        if (expected.has(codePoint)) expected.set(codePoint, answer);
      expect(mismatches(expected, nameprep)).toEqual([]);
    });

    it('saslprep', () => {
      expect(mismatches(answers(chosen, prosody.saslprep), saslprep)).toEqual([]);
    });

    it('is refused as the first character of a text where the bidi rule says so', () => {
      expect(wronglyRefused(refusedBeforeHyphen, (char) => `${char}-`)).toEqual([]);
    });

    it('is refused between letters written from right to left where the bidi rule says so', () => {
      expect(wronglyRefused(refusedBetweenAlefs, (char) => ALEF + char + ALEF)).toEqual([]);
    });
  });
}
