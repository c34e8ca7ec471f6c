import Table from 'cli-table3';
import colours from 'picocolors';
import type { Goal } from './goal.js';
import type { CurveTable, FiguresTable, Results, Row, TimesTable } from './results.js';

const PLAIN = { style: { head: [], border: [], compact: true } };

/** The report for a terminal. */
export function textOf({ machine, runtime, commit, mode, tables }: Results): string {
  const head = `${runtime.name} ${runtime.version} (${runtime.engine}), ${machine.cpu}, ${machine.cores} cores, commit ${commit}, ${mode} run`;
  const parts = tables.map((table) => {
    if (table.kind === 'times') return textOfTimes(table);
    return table.kind === 'curve' ? textOfCurve(table) : textOfFigures(table);
  });
  return [colours.bold(head), ...parts].join('\n\n');
}

function textOfTimes({ title, item, baseline, rows, leftOut }: TimesTable): string {
  const table = new Table({
    head: [title, `ns a ${item}`, 'middle half', 'times as fast', 'middle half'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    ...PLAIN,
  });
  for (const row of rows) {
    const paint = paintOf(row, baseline);
    const { ns, ratio } = row;
    table.push(
      [
        row.name,
        whole(ns.median),
        `${whole(ns.p25)}–${whole(ns.p75)}`,
        ratioText(ratio.median),
        `${ratioText(ratio.p25)}–${ratioText(ratio.p75)}`,
      ].map(paint),
    );
  }
  const missing = leftOut.map(({ name, reason }) => `  left out: ${name}: ${reason}`);
  return [table.toString(), ...missing].join('\n');
}

function paintOf({ kind, name }: Row, baseline: string): (text: string) => string {
  if (kind === 'ours') return colours.green;
  if (name === baseline) return colours.bold;
  return kind === 'native' ? colours.yellow : (text) => text;
}

function textOfCurve({ title, x, y, lines }: CurveTable): string {
  const table = new Table({
    head: [`${title}: ${y}`, ...lines.map(({ name }) => name)],
    colAligns: ['right', ...lines.map(() => 'right' as const)],
    ...PLAIN,
  });
  for (const [i, point] of (lines[0]?.points ?? []).entries()) {
    table.push([
      `${point.x.toLocaleString('en')} ${x}`,
      ...lines.map(({ points }) => whole(points[i]!.y.median)),
    ]);
  }
  return table.toString();
}

function textOfFigures({ title, figures, note }: FiguresTable): string {
  const table = new Table({
    head: [title, '', ''],
    colAligns: ['left', 'right', 'left'],
    ...PLAIN,
  });
  for (const { name, value, unit } of figures) table.push([name, figureText(value), unit]);
  return [table.toString(), ...(note === undefined ? [] : [`  ${note}`])].join('\n');
}

export function textOfGoals(goals: readonly Goal[]): string {
  const table = new Table({
    head: ['Goal', 'wanted', 'measured', ''],
    colAligns: ['left', 'right', 'right'],
    ...PLAIN,
  });
  for (const goal of goals) {
    const { tag, text } = outcomeOf(goal);
    const paint = { good: colours.green, bad: colours.red, none: colours.yellow }[tag];
    table.push([goal.what, goal.goal, measuredText(goal), paint(text)]);
  }
  return table.toString();
}

/** The measured figure of a goal, with its unit. */
export const measuredText = ({ figure, unit }: Goal): string =>
  figure === undefined ? '–' : `${figureText(figure)} ${unit}`.trim();

/** The outcome of a goal, and a tag for its colour. */
export function outcomeOf({ goal, missing, isMet }: Goal): {
  text: string;
  tag: 'good' | 'bad' | 'none';
} {
  if (missing !== undefined) return { text: `not measured: ${missing}`, tag: 'none' };
  if (!isMet) return { text: 'not met', tag: 'bad' };
  return { text: goal === 'stated' ? 'stated' : 'met', tag: 'good' };
}

/** How long something took, in words. */
export function tookText({ tookMs }: { readonly tookMs?: number }): string {
  if (tookMs === undefined) return 'its duration was not noted';
  const seconds = tookMs / 1000;
  return seconds < 120 ? `took ${seconds.toFixed(0)} s` : `took ${(seconds / 60).toFixed(1)} min`;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

export const ratioText = (value: number): string => {
  if (value < 0.1) return `${Number(value.toPrecision(2))}×`;
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)}×`;
};

export const figureText = (value: number): string =>
  value < 100 ? `${Math.round(value * 100) / 100}` : Math.round(value).toLocaleString('en');
