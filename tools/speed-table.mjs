// README's table of speed, out of the summary for Node 20: npm run bench -- --save writes it, a
// test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/process.mjs';

const README = join(ROOT, 'README.md');
const RESULTS = join(ROOT, 'bench', 'results', 'node-20.json');
const SECTION = /(<!-- speed: .*? -->\n)[\s\S]*?(<!-- \/speed -->)/;

/** The verifier that the others are compared with: the quickest on `node:crypto`. */
const BASELINE = 'node:crypto 2 × crypto.hash';

/** Rows of the table of jids of 17 bytes, by their name there, with what README calls them. */
const ROWS = [
  ['totp-token, batches of 64, bytes', '`verifyLines`, 64 tokens at once'],
  ['totp-token, batches of 64, strings', '`verifyBatch`, 64 tokens at once'],
  ['totp-token, one call, strings', '`verify`'],
  [BASELINE, 'on `node:crypto`, two calls of `crypto.hash`'],
  ['node:crypto createHmac(KeyObject)', 'on `node:crypto`, `createHmac` with a `KeyObject`'],
];

/**
 * @typedef {{ name: string, ns: { median: number }, ratio: { median: number } }} Row
 * @typedef {{ runtime: { name: string, version: string }, tables: { id: string, rows: Row[] }[] }} Results
 */

/** The table as README has it. */
export function speedTable() {
  const results = /** @type {Results} */ (JSON.parse(readFileSync(RESULTS, 'utf8')));
  const rows = results.tables.find(({ id }) => id === 'jid-17')?.rows ?? [];
  const baseline = rows.find(({ name }) => name === BASELINE);
  const lines = ROWS.flatMap(([name, what]) => {
    const row = rows.find((each) => each.name === name);
    if (row === undefined || baseline === undefined) return [];
    const ns = Math.round(row.ns.median).toLocaleString('en');
    // Both ratios are to the bench's own baseline, in the same rounds.
    const times = (row.ratio.median / baseline.ratio.median).toPrecision(2);
    return [`| ${what} | ${ns} | ${times}× |`];
  });
  return ['| | ns a token | times as fast |', '| --- | ---: | ---: |', ...lines, ''].join('\n');
}

/** README's table now. */
export const shownTable = () => SECTION.exec(readFileSync(README, 'utf8'))?.[0];

/** Writes it into README. */
export function writeSpeedTable() {
  const text = readFileSync(README, 'utf8');
  writeFileSync(
    README,
    text.replace(SECTION, (_, begin, end) => `${begin}${speedTable()}${end}`),
  );
}

// As a program: after npm run bench.
if (process.argv[1] === import.meta.filename) writeSpeedTable();
