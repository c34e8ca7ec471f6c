import type { CurveTable, FiguresTable, Results, Table, TimesTable } from '../lib/results.js';
import { figureText, ratioText } from '../lib/terminal.js';
import { barsOf } from './bars.js';
import { curveChart } from './charts.js';
import { factsHtml } from './grid.js';
import { escaped, folded, tableOf } from './html.js';
import { nameInWords, WORKLOADS } from './meaning.js';

/** The section of one run: its machine, and every table with its chart. */
export function sectionOf(run: Results): string {
  const packages = Object.entries(run.packages).map(([name, version]) => `${name} ${version}`);
  const parts = run.tables.map(partOf);
  return [factsHtml(run, packages.join(', ')), ...parts].join('\n');
}

function partOf(table: Table): string {
  const title = `<h3>${escaped(WORKLOADS[table.id] ?? table.title)}</h3>`;
  if (table.kind === 'times') return `${title}\n${timesPart(table)}`;
  return `${title}\n${table.kind === 'curve' ? curvePart(table) : figuresPart(table)}`;
}

function timesPart(table: TimesTable): string {
  const { rows, item, leftOut } = table;
  const notes = leftOut.map(({ name, reason }) => `${name}: ${reason}`);
  const missing =
    notes.length > 0 ? `<p class="note">Left out: ${notes.map(escaped).join('; ')}.</p>` : '';
  if (rows.length === 0) return missing;
  const cells = rows.map(({ name, kind, ns, ratio }) => [
    { text: nameInWords(name), tag: kind },
    whole(ns.median),
    `${whole(ns.p25)}–${whole(ns.p75)}`,
    ratioText(ratio.median),
    `${ratioText(ratio.p25)}–${ratioText(ratio.p75)}`,
  ]);
  const head = ['', `ns a ${item}`, 'middle half', 'times as fast', 'middle half'];
  return `<figure>${barsOf(table)}</figure>\n${folded('As a table, with the middle half of the rounds', `${tableOf(head, cells)}\n${missing}`)}`;
}

function curvePart(table: CurveTable): string {
  const { x, y, lines } = table;
  const cells = (lines[0]?.points ?? []).map((point, i) => [
    point.x.toLocaleString('en'),
    ...lines.map(({ points }) => whole(points[i]!.y.median)),
  ]);
  const head = [x, ...lines.map(({ name }) => `${name}: ${y}`)];
  return `<figure>${curveChart(table)}</figure>\n${tableOf(head, cells)}`;
}

function figuresPart({ figures, note }: FiguresTable): string {
  const cells = figures.map(({ name, value, unit }) => [name, `${figureText(value)} ${unit}`]);
  return `${tableOf(['', ''], cells)}${note === undefined ? '' : `<p class="note">${escaped(note)}</p>`}`;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
