// Writes src/xmpp/stringprep-tables.ts from the Unicode Character Database as two npm packages ship
// it. The packages are large and needed only here, so they are not dependencies:
//
//   npm install --no-save @unicode/unicode-3.2.0@2.0.7 @unicode/unicode-15.0.0@2.0.7
//   node tools/stringprep-tables.mjs && npm ci
//
// test/unit/xmpp/stringprep.slow.test.ts holds the tables to what Prosody answers for every code
// point.
import { writeFileSync } from 'node:fs';

const MAX_CODE_POINT = 0x10ffff;
const LINE_CHARS = 104;

/** @param {string} name The import uses a variable, because the packages are usually absent. */
const data = async (name) => (await import(`@unicode/unicode-${name}/code-points.mjs`)).default;

/** @param {(codePoint: number) => boolean} holds */
function ranges(holds) {
  const gaps = [];
  let inside = false;
  let last = 0;
  for (let codePoint = 0; codePoint <= MAX_CODE_POINT + 1; codePoint++) {
    if ((codePoint <= MAX_CODE_POINT && holds(codePoint)) === inside) continue;
    gaps.push((codePoint - last).toString(36));
    last = codePoint;
    inside = !inside;
  }
  return gaps.join(' ');
}

/**
 * RFC 3454 Table B.2, case folding that NFKC cannot undo, as its Appendix B and UTR 21 derive it.
 *
 * @param {Set<number>} unassigned @param {Map<number, number[]>} folding
 */
function caseMap(unassigned, folding) {
  const fold = (/** @type {string} */ text) =>
    [...text]
      .map((char) =>
        String.fromCodePoint(...(folding.get(codePointOf(char)) ?? [codePointOf(char)])),
      )
      .join('');
  /** @type {{ first: number, last: number, count: number, stride: number, shift: number, suffix: string }[]} */
  const runs = [];
  for (let codePoint = 0; codePoint <= MAX_CODE_POINT; codePoint++) {
    if (unassigned.has(codePoint) || (codePoint >= 0xd800 && codePoint <= 0xdfff)) continue;
    const char = String.fromCodePoint(codePoint);
    const once = fold(char).normalize('NFKC');
    const twice = fold(once).normalize('NFKC');
    const target = twice === once ? fold(char) : twice;
    if (target === char) continue;

    const [head = '', ...tail] = target;
    const shift = codePointOf(head) - codePoint;
    const suffix = tail.map((each) => codePointOf(each).toString(36)).join(',');
    const run = runs.at(-1);
    const stride = run === undefined ? 0 : codePoint - run.last;
    if (
      run?.shift === shift &&
      run.suffix === suffix &&
      (stride === run.stride || (run.count === 1 && stride <= 2))
    ) {
      Object.assign(run, { stride, last: codePoint, count: run.count + 1 });
    } else {
      runs.push({ first: codePoint, last: codePoint, count: 1, stride: 1, shift, suffix });
    }
  }
  let last = 0;
  const packed = runs.map((run) => {
    const fields = [run.first - last, run.shift, run.count, run.stride].map((field) =>
      field.toString(36),
    );
    last = run.last;
    return run.suffix === '' ? fields.join(',') : [...fields, run.suffix].join(',');
  });
  return packed.join(' ');
}

/** @param {string} char */
const codePointOf = (char) => /** @type {number} */ (char.codePointAt(0));

/** @param {string} name @param {string} doc @param {string} packed */
function constant(name, doc, packed) {
  const lines = packed.match(new RegExp(`.{1,${LINE_CHARS}}(?: |$)`, 'g')) ?? [];
  return `/** ${doc} */\nexport const ${name} =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
}

const noncharacter = (/** @type {number} */ codePoint) =>
  (codePoint & 0xfffe) === 0xfffe || (codePoint >= 0xfdd0 && codePoint <= 0xfdef);

/** @type {Set<number>} */
const unassigned = new Set(await data('3.2.0/General_Category/Unassigned'));
for (const codePoint of unassigned) if (noncharacter(codePoint)) unassigned.delete(codePoint);

const folding = new Map();
for (const [codePoint, target] of await data('3.2.0/Case_Folding/C'))
  folding.set(codePoint, [target]);
for (const [codePoint, target] of await data('3.2.0/Case_Folding/F'))
  folding.set(codePoint, target);

// The classes of characters that Unicode 15 does not assign, from the @missing lines of its
// DerivedBidiClass.txt. They are right to left in the first blocks, European_Terminator or
// Boundary_Neutral in the second ones, and Left_To_Right everywhere else.
const RIGHT_BLOCKS = [
  0x590, 0x8ff, 0xfb1d, 0xfdcf, 0xfdf0, 0xfdff, 0xfe70, 0xfeff, 0x10800, 0x10fff, 0x1e800, 0x1efff,
];
const NEUTRAL_BLOCKS = [0x20a0, 0x20cf, 0x2065, 0x2065, 0xfff0, 0xfff8, 0xe0000, 0xe0fff];
/** @param {number[]} blocks @param {number} codePoint */
const within = (blocks, codePoint) =>
  blocks.some(
    (first, i) =>
      i % 2 === 0 && codePoint >= first && codePoint <= /** @type {number} */ (blocks[i + 1]),
  );

/** @type {Map<number, string>} */
const bidiClass = (await import(String('@unicode/unicode-15.0.0/Bidi_Class/index.mjs'))).default;
/** @param {number} codePoint */
function direction(codePoint) {
  const known = bidiClass.get(codePoint);
  if (known !== undefined) return known;
  if (noncharacter(codePoint) || within(NEUTRAL_BLOCKS, codePoint)) return 'Boundary_Neutral';
  return within(RIGHT_BLOCKS, codePoint) ? 'Right_To_Left' : 'Left_To_Right';
}

const file = [
  '// Written by tools/stringprep-tables.mjs from the Unicode Character Database 3.2.0 and 15.0.0.\n',
  constant(
    'UNASSIGNED',
    'RFC 3454 Table A.1, unassigned in Unicode 3.2: base-36 lengths of the gaps and ranges, by turns.',
    ranges((codePoint) => unassigned.has(codePoint)),
  ),
  constant(
    'RIGHT_TO_LEFT',
    "RandALCat, RFC 3454 Table D.1, of Unicode 15.0 as in Prosody's ICU 72: gaps and ranges as above.",
    ranges((codePoint) => ['Right_To_Left', 'Arabic_Letter'].includes(direction(codePoint))),
  ),
  constant(
    'LEFT_TO_RIGHT',
    'LCat, RFC 3454 Table D.2, of Unicode 15.0: gaps and ranges as above.',
    ranges((codePoint) => direction(codePoint) === 'Left_To_Right'),
  ),
  constant(
    'CASE_MAP',
    'RFC 3454 Table B.2 in runs of base-36 fields: distance from the last run, shift, count, stride, suffix.',
    caseMap(unassigned, folding),
  ),
].join('\n');
writeFileSync(new URL('../src/xmpp/stringprep-tables.ts', import.meta.url), file);
