// Makes the speed table of README from the summary for Node 20. `npm run bench -- --save` writes
// both, and a test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/process.mjs';

const README = join(ROOT, 'README.md');
const RESULTS = join(ROOT, 'bench', 'results', 'node-20.json');
const SECTION = /(<!-- speed: .*? -->\n)[\s\S]*?(<!-- \/speed -->)/;

const CRYPTO_HASH = 'node:crypto 2 × crypto.hash';
const USUAL = 'node:crypto createHmac(KeyObject)';

/** The rows by their names in the table of 17-byte names, with their names in README. */
const OURS = [
  ['totp-token, batches of 64, bytes', '`verifyLines`, 64 tokens at once'],
  ['totp-token, batches of 64, strings', '`verifyBatch`, 64 tokens at once'],
  ['totp-token, one call, strings', '`verify`'],
];

/**
 * @typedef {{ name: string, kind: string, ns: { median: number }, ratio: { median: number } }} Row
 * @typedef {{ tables: { id: string, rows: Row[] }[] }} Results
 */

/**
 * The table for README: our rows, the quickest peer as the baseline, and the form that most
 * programs use.
 */
export function speedTable() {
  const results = /** @type {Results} */ (JSON.parse(readFileSync(RESULTS, 'utf8')));
  const rows = results.tables.find(({ id }) => id === 'jid-17')?.rows ?? [];
  const quickest = rows
    .filter(({ kind }) => kind === 'peer' || kind === 'baseline')
    .sort((a, b) => b.ratio.median - a.ratio.median)[0];
  if (quickest === undefined) throw new Error(`${RESULTS} has no peer in its table jid-17`);
  const form = quickest.name === CRYPTO_HASH ? 'two calls of `crypto.hash`' : quickest.name;
  const shown = [...OURS, [quickest.name, `the same checks on ${form}, the quickest other way`]];
  if (quickest.name !== USUAL)
    shown.push([USUAL, 'the same checks on `createHmac` with a `KeyObject`, the usual form']);
  const lines = shown.map(([name, what]) => {
    const row = rows.find((each) => each.name === name);
    if (row === undefined) throw new Error(`${RESULTS} has no row ${name}`);
    const ratio = (row.ratio.median / quickest.ratio.median).toPrecision(2);
    return `| ${what} | ${Math.round(row.ns.median).toLocaleString('en')} | ${ratio}× |`;
  });
  return ['| | ns a token | times as fast |', '| --- | ---: | ---: |', ...lines, ''].join('\n');
}

/** The present table of README. */
export const shownTable = () => SECTION.exec(readFileSync(README, 'utf8'))?.[0];

/** Writes the table into README. */
export function writeSpeedTable() {
  const text = readFileSync(README, 'utf8');
  writeFileSync(
    README,
    text.replace(SECTION, (_, begin, end) => `${begin}${speedTable()}${end}`),
  );
}

// As a program, started by npm run bench -- --save.
if (process.argv[1] === import.meta.filename) writeSpeedTable();
