import type { Results, Row, TimesTable } from '../lib/results.js';
import { isPeer } from '../lib/results.js';
import { ratioText } from '../lib/terminal.js';
import { type Cell, escaped, folded, tableOf } from './html.js';
import {
  type Compared,
  comparedIn,
  nameInWords,
  nsText,
  timesAsFast,
  WAYS,
  type Way,
  WORKLOADS,
} from './meaning.js';
import { titleOf } from './services.js';

/** Makes the cell for one way to call the library in one run. */
type Said = (ours: Row, compared: Compared) => Cell;

/** The tables that compare runtimes, with one column for each run. */
export function matricesOf(runs: readonly Results[]): string {
  const ratio = (ours: Row, other: Row): Cell => {
    const value = timesAsFast(ours, other);
    return { text: ratioText(value), tag: value >= 1 ? 'good' : 'bad' };
  };
  return [
    '<h3>Times as fast as the quickest other way</h3>',
    '<p class="note">Above 1 the library is quicker. The next table names the other way.</p>',
    matrix(runs, (ours, { quickest }) => ratio(ours, quickest)),
    '<h3>The quickest other way</h3>',
    quickestMatrix(runs),
    '<h3>Times as fast as the usual form</h3>',
    '<p class="note">Most programs call <code>createHmac</code> with a <code>KeyObject</code>, WebCrypto in a browser, and <code>otpauth</code> for codes.</p>',
    matrix(runs, (ours, { usual }) => (usual === undefined ? '–' : ratio(ours, usual))),
    '<h3>Nanoseconds</h3>',
    '<p class="note">Columns are of different runs, so compare times within a column only.</p>',
    matrix(runs, (ours) => nsText(ours).replace(' ns', '')),
  ].join('\n');
}

const headOf = (runs: readonly Results[]): string[] => ['', ...runs.map(titleOf)];

/** A row for each workload and each way to call the library that a run measured. */
function matrix(runs: readonly Results[], say: Said): string {
  const rows = Object.entries(WORKLOADS).flatMap(([id, workload]) => {
    const compared = runs.map((run) => comparedIn(run, id));
    const measured = WAYS.filter((way) => compared.some((each) => each?.ours.has(way)));
    return measured.map((way) => [
      `${workload}: ${way}`,
      ...compared.map((each) => cellOf(each, way, say)),
    ]);
  });
  return tableOf(headOf(runs), rows);
}

function cellOf(compared: Compared | undefined, way: Way, say: Said): Cell {
  const ours = compared?.ours.get(way);
  return compared === undefined || ours === undefined ? '–' : say(ours, compared);
}

function quickestMatrix(runs: readonly Results[]): string {
  const rows = Object.entries(WORKLOADS).flatMap(([id, workload]) => {
    const peers = runs.map((run) => comparedIn(run, id)?.quickest);
    if (peers.every((peer) => peer === undefined)) return [];
    const cells = peers.map(
      (peer): Cell =>
        peer === undefined ? '–' : { text: `${peer.name}, ${nsText(peer)}`, tag: 'words' },
    );
    return [[workload, ...cells]];
  });
  return tableOf(headOf(runs), rows);
}

/** Every case in which a peer or the C program was quicker, folded. */
export function lossesOf(runs: readonly Results[]): string {
  const lost = runs.flatMap((run) =>
    run.tables.flatMap((table) => (table.kind === 'times' ? losses(titleOf(run), table) : [])),
  );
  const items = lost.map((each) => `<li>${escaped(each)}</li>`).join('\n');
  return folded(`Where something else was quicker: ${lost.length} cases`, `<ul>${items}</ul>`);
}

/** A peer is listed if it beats our slowest way. C is listed only if it beats our best way. */
function losses(run: string, { id, rows }: TimesTable): string[] {
  const workload = WORKLOADS[id];
  const ours = rows.filter(({ kind }) => kind === 'ours');
  if (workload === undefined) return [];
  return rows.flatMap((row) => {
    const beaten = isPeer(row) ? ours.at(-1) : row.kind === 'native' ? ours[0] : undefined;
    if (beaten === undefined || timesAsFast(row, beaten) <= 1) return [];
    const ratio = ratioText(timesAsFast(row, beaten));
    return [
      `${run}. ${workload}: ${nameInWords(row.name)} is ${ratio} as fast as ${nameInWords(beaten.name)}.`,
    ];
  });
}
