import { goalsOf } from '../goals.js';
import type { CurveTable, FiguresTable, Results, Table, TimesTable } from '../lib/results.js';
import { figureText, ratioText } from '../lib/terminal.js';
import { curveChart, ratioChart } from './charts.js';
import { factsHtml, goalsHtml } from './grid.js';
import { escaped, tableOf } from './html.js';

/** One run: its machine, its goals and every table with its chart. */
export function sectionOf(run: Results): string {
  const packages = Object.entries(run.packages).map(([name, version]) => `${name} ${version}`);
  const parts = run.tables.map(partOf);
  const goals = `<h3>Goals</h3>\n${goalsHtml(goalsOf(run))}`;
  return [factsHtml(run, packages.join(', ')), goals, ...parts].join('\n');
}

function partOf(table: Table): string {
  const title = `<h3>${escaped(table.title)}</h3>`;
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
    { text: name, tag: kind },
    ns.median.toFixed(0),
    `${ns.p25.toFixed(0)}–${ns.p75.toFixed(0)}`,
    ratioText(ratio.median),
    `${ratioText(ratio.p25)}–${ratioText(ratio.p75)}`,
  ]);
  const head = ['', `ns a ${item}`, 'middle half', 'times as fast', 'middle half'];
  return `<figure>${ratioChart(table)}</figure>\n${tableOf(head, cells)}\n${missing}`;
}

function curvePart(table: CurveTable): string {
  const { x, y, lines } = table;
  const cells = (lines[0]?.points ?? []).map((point, i) => [
    point.x.toLocaleString('en'),
    ...lines.map(({ points }) => points[i]!.y.median.toFixed(0)),
  ]);
  const head = [x, ...lines.map(({ name }) => `${name}: ${y}`)];
  return `<figure>${curveChart(table)}</figure>\n${tableOf(head, cells)}`;
}

function figuresPart({ figures, note }: FiguresTable): string {
  const cells = figures.map(({ name, value, unit }) => [name, `${figureText(value)} ${unit}`]);
  return `${tableOf(['', ''], cells)}${note === undefined ? '' : `<p class="note">${escaped(note)}</p>`}`;
}
