import type { Results, Row, Table, TimesTable } from '../lib/results.js';
import { ratioText } from '../lib/terminal.js';
import { type Cell, escaped, tableOf } from './html.js';
import { titleOf } from './services.js';

/** What the overview looks at: tables by their id, and what they are called there. */
const SHOWN: Readonly<Record<string, string>> = {
  'jid-17': 'jid of 17',
  'jid-15': 'jid of 15',
  'jid-mixed': 'jids mixed',
  'jid-60': 'jid of 60',
  'refused-wrong-otp': 'wrong OTP',
  'refused-bad-signature': 'forged',
  'refused-replayed': 'replayed',
  'hmac-57': 'HMAC, 57 bytes',
  'hmac-72': 'HMAC, 72 bytes',
  totp: 'TOTP, one step',
  'totp-steps': 'TOTP, other steps',
  threads: 'two threads over none',
};

const HEAD = ['', 'best peer', 'our best', 'times as fast', 'our slowest way', 'times as fast'];

/**
 * Every runtime and table, ours against the quickest of the others there, so that a loss stands
 * out: below 1 the peer wins. Times of different rows are of different runs, and only the ratios
 * within a row are to be trusted.
 */
export function overviewOf(runs: readonly Results[]): string {
  const compared = runs.map((run) => ({
    title: titleOf(run),
    tables: run.tables.flatMap(comparedIn),
  }));
  const rows = compared.flatMap(({ title, tables }) =>
    tables.map((table) => rowOf(title, table)).filter((row) => row !== undefined),
  );
  const lost = compared.flatMap(({ title, tables }) =>
    tables.flatMap((table) => losses(title, table)),
  );
  const said =
    lost.length === 0
      ? '<p>No peer was quicker than the library in these runs.</p>'
      : `<p>Where a peer, or C, was quicker than some way of asking the library:</p><ul>${lost.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul>`;
  return `${tableOf(HEAD, rows)}\n${said}`;
}

/**
 * The rows that compete. Of the threads, two of them from bytes with none from bytes: one thread is
 * there to be compared with two.
 */
function comparedIn(table: Table): TimesTable[] {
  if (table.kind !== 'times') return [];
  if (table.id !== 'threads') return [table];
  const rows = table.rows.filter(({ name }) => /(no thread|2 threads), bytes$/.test(name));
  return [{ ...table, rows }];
}

function rowOf(run: string, { id, rows }: TimesTable): Cell[] | undefined {
  const ours = rows.filter(({ kind }) => kind === 'ours');
  const peer = rows.find(({ kind }) => kind === 'peer' || kind === 'baseline');
  const [best, worst] = [ours[0], ours.at(-1)];
  const title = SHOWN[id];
  if (title === undefined || best === undefined || worst === undefined || peer === undefined)
    return undefined;
  return [
    `${run}, ${title}`,
    `${peer.name}, ${nsOf(peer)}`,
    nsOf(best),
    over(best, peer),
    nsOf(worst),
    over(worst, peer),
  ];
}

const nsOf = ({ ns }: Row): string => `${ns.median.toFixed(0)} ns`;

function over(ours: Row, other: Row): Cell {
  const ratio = ours.ratio.median / other.ratio.median;
  return { text: ratioText(ratio), tag: ratio >= 1 ? 'good' : 'bad' };
}

/**
 * A peer counts from where it beats our slowest way, C only where it beats our best: it has no
 * other limit to show.
 */
function losses(run: string, { title, rows }: TimesTable): string[] {
  const ours = rows.filter(({ kind }) => kind === 'ours');
  return rows.flatMap((row) => {
    const beaten = row.kind === 'native' ? ours[0] : ours.at(-1);
    if (row.kind === 'ours' || beaten === undefined || row.ratio.median <= beaten.ratio.median)
      return [];
    const ratio = ratioText(row.ratio.median / beaten.ratio.median);
    return [`${run}, ${title}: ${row.name} is ${ratio} as fast as ${beaten.name}`];
  });
}
