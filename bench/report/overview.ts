import type { Results, Row, TimesTable } from '../lib/results.js';
import { ratioText } from '../lib/terminal.js';
import { type Cell, escaped, tableOf } from './html.js';

/** What the overview looks at: tables by their id. */
const SHOWN = ['jid-17', 'jid-15', 'jid-mixed', 'refused-wrong-otp', 'hmac-57', 'totp', 'totp-steps'];

const HEAD = ['', 'our best', 'our slowest way', 'best peer', 'our best over it', 'our slowest over it'];

/**
 * Every runtime and table, ours against the quickest of the others there, so that a loss stands out: below 1 the peer
 * wins. Times of different rows are of different runs, and only the ratios within a row are to be trusted.
 */
export function overviewOf(runs: readonly Results[]): string {
  const rows = runs.flatMap(({ runtime, tables }) =>
    tables
      .filter((table): table is TimesTable => table.kind === 'times' && SHOWN.includes(table.id))
      .map((table) => rowOf(`${runtime.name} ${runtime.version}: ${table.title}`, table))
      .filter((row) => row !== undefined),
  );
  const lost = losses(runs);
  const said =
    lost.length === 0
      ? '<p>No peer was quicker than the library in these runs.</p>'
      : `<p>Where a peer, or C, was quicker than some way of asking the library:</p><ul>${lost.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul>`;
  return `${tableOf(HEAD, rows)}\n${said}`;
}

function rowOf(title: string, { rows }: TimesTable): Cell[] | undefined {
  const ours = rows.filter(({ kind }) => kind === 'ours');
  const [peer] = rows.filter(({ kind }) => kind === 'peer' || kind === 'baseline');
  const [best, worst] = [ours[0], ours.at(-1)];
  if (best === undefined || worst === undefined || peer === undefined) return undefined;
  return [title, nsOf(best), nsOf(worst), `${peer.name}, ${nsOf(peer)}`, over(best, peer), over(worst, peer)];
}

const nsOf = ({ ns }: Row): string => `${ns.median.toFixed(0)} ns`;

function over(ours: Row, other: Row): Cell {
  const ratio = ours.ratio.median / other.ratio.median;
  return { text: ratioText(ratio), tag: ratio >= 1 ? 'good' : 'bad' };
}

function losses(runs: readonly Results[]): string[] {
  return runs.flatMap(({ runtime, tables }) =>
    tables
      .filter((table) => table.kind === 'times' && table.id !== 'threads')
      .flatMap((table) => {
        const rows = table.kind === 'times' ? table.rows : [];
        const worst = rows.filter(({ kind }) => kind === 'ours').at(-1);
        if (worst === undefined) return [];
        return rows
          .filter((row) => row.kind !== 'ours' && row.ratio.median > worst.ratio.median)
          .map((row) => {
            const ratio = ratioText(row.ratio.median / worst.ratio.median);
            return `${runtime.name} ${runtime.version}, ${table.title}: ${row.name} is ${ratio} as fast as ${worst.name}`;
          });
      }),
  );
}
