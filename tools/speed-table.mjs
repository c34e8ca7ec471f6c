// README's table of speed, out of the summary for Node 20: npm run bench -- --save writes it, a
// test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/process.mjs';

const README = join(ROOT, 'README.md');
const RESULTS = join(ROOT, 'bench', 'results', 'node-20.json');
const SECTION = /(<!-- speed: .*? -->\n)[\s\S]*?(<!-- \/speed -->)/;

/** What is shown, by its name in the table of jids of 17 bytes, and what it is. */
const ROWS = [
  ['C with SHA-NI, two streams, bytes', 'C with SHA instructions: the limit of the machine'],
  ['totp-token, batches of 64, bytes', '`verifyLines`, 64 tokens at once'],
  ['totp-token, batches of 64, strings', '`verifyBatch`, 64 tokens at once'],
  ['totp-token, one call, strings', '`verify`'],
  [
    'node:crypto createHmac(KeyObject)',
    'a verifier on `node:crypto`, `createHmac` with a `KeyObject`',
  ],
  ['@noble/hashes hmac, state cloned', 'on `@noble/hashes`, its state cloned'],
  ['hash-wasm createHMAC', 'on `hash-wasm`'],
  ['WebCrypto verify, 64 at once', 'on WebCrypto, 64 at once'],
];

/**
 * @typedef {{ name: string, ns: { median: number }, ratio: { median: number } }} Row
 * @typedef {{ runtime: { name: string, version: string }, tables: { id: string, rows: Row[] }[] }} Results
 */

/** The table as README has it. */
export function speedTable() {
  const results = /** @type {Results} */ (JSON.parse(readFileSync(RESULTS, 'utf8')));
  const rows = results.tables.find(({ id }) => id === 'jid-17')?.rows ?? [];
  const lines = ROWS.flatMap(([name, what]) => {
    const row = rows.find((each) => each.name === name);
    const cells = row && [
      Math.round(row.ns.median).toLocaleString('en'),
      row.ratio.median.toPrecision(2),
    ];
    return cells ? [`| ${what} | ${cells[0]} | ${cells[1]}× |`] : [];
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
