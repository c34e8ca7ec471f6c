import type { CurveTable, FiguresTable, Goal, Results, Table, TimesTable } from '../lib/results.js';
import { figureText, ratioText } from '../lib/terminal.js';
import { curveChart, ratioChart } from './charts.js';
import { escaped, tableOf } from './html.js';

/** One run: its machine, its goals and every table with its chart. */
export function sectionOf({
  machine,
  runtime,
  commit,
  date,
  mode,
  packages,
  tables,
  goals,
}: Results): string {
  const facts = [
    `${runtime.name} ${runtime.version}, ${runtime.engine}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.os}, load ${machine.load.join(' ')} at the start`,
    `commit ${commit}, ${date.slice(0, 16).replace('T', ' ')} UTC, ${mode} run`,
    Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ];
  const parts = tables.map(partOf);
  return [`<p class="note">${facts.map(escaped).join('<br>')}</p>`, goalsTable(goals), ...parts].join('\n');
}

function partOf(table: Table): string {
  const title = `<h3>${escaped(table.title)}</h3>`;
  if (table.kind === 'times') return `${title}\n${timesPart(table)}`;
  return `${title}\n${table.kind === 'curve' ? curvePart(table) : figuresPart(table)}`;
}

function timesPart(table: TimesTable): string {
  const { rows, item, leftOut } = table;
  const notes = leftOut.map(({ name, reason }) => `${name}: ${reason}`);
  const missing = notes.length > 0 ? `<p class="note">Left out: ${notes.map(escaped).join('; ')}.</p>` : '';
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

function goalsTable(goals: readonly Goal[]): string {
  if (goals.length === 0) return '';
  const cells = goals.map(({ what, goal, figure, unit, isMet }) => [
    what,
    goal,
    `${figureText(figure)} ${unit}`,
    isMet ? { text: 'met', tag: 'good' } : { text: 'not met', tag: 'bad' },
  ]);
  return `<h3>Goals</h3>\n${tableOf(['', 'wanted', 'measured', ''], cells)}`;
}
