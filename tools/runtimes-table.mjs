// Writes the results of the last timed run in all runtimes into the table of docs/runtimes.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/process.mjs';

const PAGE = join(ROOT, 'docs', 'runtimes.md');
const RESULTS = join(ROOT, 'build', 'runtimes');
const BLOCK = /(<!-- runtimes: [^>]*-->\n)[\s\S]*?(<!-- \/runtimes -->)/;

/**
 * One runtime's line, as test/runtimes/lib/suite-in.ts wrote it.
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {string} version
 * @property {number} cases
 * @property {number} passed
 * @property {{ verifyNs: number, batchNs: number, webCryptoNs: number }} timings
 */

/** @param {number} ns */
const rounded = (ns) => Math.round(ns).toLocaleString('en-US');

/** @param {Result} result */
function row({ name, version, cases, passed, timings: { verifyNs, batchNs, webCryptoNs } }) {
  const times = (webCryptoNs / batchNs).toFixed(0);
  const cells = [name, version, `${passed} of ${cases}`, rounded(verifyNs), rounded(batchNs)];
  return `| ${[...cells, rounded(webCryptoNs), `${times}×`].join(' | ')} |\n`;
}

/** Writes the table. */
export function writeRuntimesTable() {
  const files = existsSync(RESULTS) ? readdirSync(RESULTS) : [];
  const results = files
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((file) => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')));
  const head = `| runtime | version | passed | \`verify\` | \`verifyBatch\` | its WebCrypto | in that time |
| --- | --- | --- | ---: | ---: | ---: | ---: |
`;
  const page = readFileSync(PAGE, 'utf8');
  if (!BLOCK.test(page)) throw new Error('docs/runtimes.md has no block for the table');
  writeFileSync(PAGE, page.replace(BLOCK, `$1${head}${results.map(row).join('')}$2`));
  process.stdout.write(`docs/runtimes.md: a table of ${results.length} runtimes\n`);
}
