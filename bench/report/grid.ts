import type { Goal } from '../lib/goal.js';
import type { Grid } from '../lib/grid.js';
import type { Measurement } from '../lib/measurement.js';
import { measuredText, outcomeOf, tookText } from '../lib/terminal.js';
import { type Cell, escaped, tableOf } from './html.js';

export const htmlOf = ({ head, rows }: Grid): string => tableOf(head, rows);

export function markdownOf({ head, rows }: Grid): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  const ruler = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, ruler, ...rows].map(line).join('');
}

export const goalsGrid = (goals: readonly Goal[]): Grid => ({
  head: ['goal', 'wanted', 'measured', ''],
  rows: goals.map((goal) => [goal.what, goal.goal, measuredText(goal), outcomeOf(goal).text]),
});

/** The same as HTML with coloured outcomes. */
export function goalsHtml(goals: readonly Goal[]): string {
  const { head, rows } = goalsGrid(goals);
  const cells = rows.map((row, i): Cell[] => {
    const { text, tag } = outcomeOf(goals[i]!);
    return [...row.slice(0, -1), { text, tag }];
  });
  return tableOf(head, cells);
}

/** Facts about a measurement: where and when it was made. */
export function factsOf({ runtime, machine, commit, date, tookMs }: Measurement): string[] {
  const { cpu, cores, os, load } = machine;
  const [hash, isChanged] = [commit.split(',')[0], commit.includes('changed')];
  return [
    `${runtime.name} ${runtime.version}, ${runtime.engine}`,
    `${cpu}, ${cores} cores, ${os}, load ${load.join(' ')} at the start`,
    `commit ${hash}, ${date.slice(0, 16).replace('T', ' ')} UTC, ${tookText(tookMs === undefined ? {} : { tookMs })}`,
    ...(isChanged ? ['The tree was changed: what ran is not that commit.'] : []),
  ];
}

/** The facts as a note. A changed tree is highlighted. */
export function factsHtml(measurement: Measurement, ...more: readonly string[]): string {
  const lines = factsOf(measurement).map((fact) =>
    fact.startsWith('The tree') ? `<span class="bad">${escaped(fact)}</span>` : escaped(fact),
  );
  return `<p class="note">${[...lines, ...more.map(escaped)].join('<br>')}</p>`;
}

/** The facts as one line. */
export function factsLine(measurement: Measurement): string {
  const { runtime, machine, commit } = measurement;
  return `${runtime.name} ${runtime.version}, ${machine.cpu}, ${machine.cores} cores; load ${machine.load[0]} before it; commit ${commit}.\n`;
}
