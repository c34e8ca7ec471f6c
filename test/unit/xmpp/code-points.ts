/** Compares code points with what Prosody 0.12.3 makes of them, alone and next to letters. */
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
 * Chooses the code points to try.
 *
 * @param isEnd - Whether it is the first or last of a range that Prosody treats alike.
 */
type Choice = (codePoint: number, isEnd: boolean) => boolean;

/**
 * The answer of Prosody for each code point but the surrogates: `same`, `refused`, or the
 * UTF-8 of the result in hex.
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

/** The code points for which `ours` differs from `expected`, with both answers. */
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
  describe(what, () => {
    const every = () => true;
    const ofNodeprep = answers(chosen, prosody.nodeprep);

    /** Like {@link mismatches}, but compares only whether a text is refused. */
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

    it('are compared with tables of 1,112,064 code points', () => {
      const count = (table: string[][]) =>
        table.reduce((sum, [first, last]) => sum + hex(last) - hex(first) + 1, 0);
      expect([count(prosody.nodeprep), count(prosody.saslprep)]).toEqual([
        0x110000 - 0x800,
        0x110000 - 0x800,
      ]);
    });

    it('are prepared by nodeprep as by Prosody 0.12.3', () => {
      expect(mismatches(ofNodeprep, nodeprep)).toEqual([]);
    });

    it('are prepared by nameprep as by Prosody 0.12.3', () => {
      const expected = answers(chosen, prosody.nodeprep, nameprepUnlikeNodeprep);
      // An end of a range of nodeprep may lie within one of nameprep's own.
      for (const [codePoint, answer] of answers(every, nameprepUnlikeNodeprep))
        if (expected.has(codePoint)) expected.set(codePoint, answer);
      expect(mismatches(expected, nameprep)).toEqual([]);
    });

    it('are prepared by saslprep as by Prosody 0.12.3', () => {
      expect(mismatches(answers(chosen, prosody.saslprep), saslprep)).toEqual([]);
    });

    it('are refused at the start of a text where the bidi rule of Prosody refuses them', () => {
      expect(wronglyRefused(refusedBeforeHyphen, (char) => `${char}-`)).toEqual([]);
    });

    it('are refused between right-to-left letters where the bidi rule of Prosody refuses them', () => {
      expect(wronglyRefused(refusedBetweenAlefs, (char) => ALEF + char + ALEF)).toEqual([]);
    });
  });
}
