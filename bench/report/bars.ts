import type { Row, TimesTable } from '../lib/results.js';
import { ratioText } from '../lib/terminal.js';
import { NATIVE } from '../native/name.js';
import { escaped } from './html.js';
import { nameInWords, nsText, usualOf } from './meaning.js';

/** The number of bars in the chart at the top of the report. */
const HEAD_BARS = 8;
/**
 * Rows for that chart, the most important first. The quickest peer and the usual form come before
 * them.
 */
const WANTED = [
  'totp-token, one call, strings',
  'totp-token, batches of 64, strings',
  'totp-token, batches of 64, bytes',
  NATIVE,
  '@noble/hashes hmac, state cloned',
  'hash-wasm createHMAC',
  'WebCrypto verify, 64 at once',
  'fast-sha256 HMAC, reset',
  '@stablelib/hmac, reset',
  'js-sha256 hmac',
];

/** The chart at the top of the report. */
export function headBars(table: TimesTable): string {
  const wanted = [table.baseline, usualOf(table.rows)?.name, ...WANTED];
  const place = ({ name }: Row) => (wanted.includes(name) ? wanted.indexOf(name) : wanted.length);
  const chosen = new Set(table.rows.toSorted((a, b) => place(a) - place(b)).slice(0, HEAD_BARS));
  return barsOf({ ...table, rows: table.rows.filter((row) => chosen.has(row)) });
}

/**
 * A bar for each row. Longer bars are faster. Names and values are above the bars, where nothing
 * crosses them. The thin line marks the baseline.
 */
export function barsOf({ rows, baseline }: Pick<TimesTable, 'rows' | 'baseline'>): string {
  const usual = usualOf(rows)?.name;
  const most = Math.max(1, ...rows.map(({ ratio }) => ratio.median));
  const share = (ratio: number) => `${((100 * ratio) / most).toFixed(2)}%`;
  const items = rows.map(({ ratio, ...row }) => {
    const name = nameInWords(row.name);
    const role =
      row.name === baseline ? ', the baseline' : row.name === usual ? ', the usual form' : '';
    return `<li class="${row.kind}"><span>${escaped(name + role)}</span> <span class="value">${nsText({ ratio, ...row })}, <b>${ratioText(ratio.median)}</b></span><i style="width:${share(ratio.median)}"></i></li>`;
  });
  return `<ol class="bars" style="--one:${share(1)}">\n${items.join('\n')}\n</ol>`;
}
