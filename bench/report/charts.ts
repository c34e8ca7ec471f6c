import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { CurveTable, TimesTable } from '../lib/results.js';
import { ratioText } from '../lib/terminal.js';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

const WIDTH = 860;
const NAMES_WIDTH = 330;
const BAR_HEIGHT = 22;
/** The page's style sheet sets these for dark and for light. */
const COLOURS = {
  ours: 'var(--ours)',
  baseline: 'var(--baseline)',
  peer: 'var(--peer)',
  native: 'var(--native)',
};
const LINES = ['var(--ours)', 'var(--native)', 'var(--third)'];

/** Bars of how many times as fast as the baseline each is, with the middle half of the rounds. */
export function ratioChart({ rows, baseline }: TimesTable): string {
  const bars = rows.map(({ name, kind, ratio }) => ({
    name,
    kind,
    ...ratio,
    label: ratioText(ratio.median),
  }));
  return svgOf({
    width: WIDTH,
    height: bars.length * BAR_HEIGHT + 75,
    marginLeft: NAMES_WIDTH,
    marginRight: 50,
    marginBottom: 45,
    x: { label: `times as fast as ${baseline} →`, labelOffset: 38, grid: true, zero: true },
    y: { label: null, domain: bars.map(({ name }) => name) },
    marks: [
      Plot.barX(bars, {
        x: 'median',
        y: 'name',
        fill: (bar: (typeof bars)[number]) => COLOURS[bar.kind],
      }),
      Plot.ruleY(bars, { x1: 'p25', x2: 'p75', y: 'name', stroke: 'currentColor', strokeWidth: 2 }),
      Plot.text(bars, {
        x: (bar) => Math.max(bar.median, bar.p75),
        y: 'name',
        text: 'label',
        textAnchor: 'start',
        dx: 5,
      }),
      Plot.ruleX([1], { stroke: 'currentColor', strokeDasharray: '3 3' }),
    ],
  });
}

/** Lines through the medians, with the middle half of the rounds as a band. */
export function curveChart({ x, y, lines }: CurveTable): string {
  const points = lines.flatMap(({ name, points }, i) =>
    points.map((point) => ({ name, colour: LINES[i % LINES.length], x: point.x, ...point.y })),
  );
  // Nothing remembered is a point too, and a logarithm has no place for it.
  const isLog = points.every((point) => point.x > 0);
  const last = lines.map(({ name }) => points.filter((point) => point.name === name).at(-1));
  return svgOf({
    width: WIDTH,
    height: 300,
    marginLeft: 70,
    marginRight: NAMES_WIDTH / 1.5,
    marginBottom: 45,
    x: isLog
      ? { type: 'log', label: `${x} →` }
      : { type: 'point', label: `${x} →`, tickFormat: ',' },
    y: { label: `↑ ${y}`, grid: true, zero: true },
    marks: [
      Plot.areaY(points, {
        x: 'x',
        y1: 'p25',
        y2: 'p75',
        z: 'name',
        fill: 'colour',
        fillOpacity: 0.2,
      }),
      Plot.line(points, { x: 'x', y: 'median', z: 'name', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(points, { x: 'x', y: 'median', fill: 'colour', r: 3 }),
      Plot.text(last, {
        x: 'x',
        y: 'median',
        text: 'name',
        fill: 'colour',
        textAnchor: 'start',
        dx: 8,
      }),
    ],
  });
}

function svgOf(options: Plot.PlotOptions): string {
  const style = { background: 'none', fontSize: '12px', overflow: 'visible' };
  const chart = Plot.plot({
    ...options,
    style: style as unknown as string,
    color: { type: 'identity' },
    document: document as unknown as Document,
  });
  return chart.outerHTML;
}
