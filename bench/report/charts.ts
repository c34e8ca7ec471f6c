import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { CurveTable } from '../lib/results.js';
import { escaped } from './html.js';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Narrow enough that its text can be read on a phone. */
const WIDTH = 480;
/** The page's style sheet sets these for dark and for light. */
const LINES = ['var(--ours)', 'var(--native)', 'var(--third)'];

/** Draws lines through the medians, with the middle half of the rounds as a band. */
export function curveChart({ x, y, lines }: CurveTable): string {
  const points = lines.flatMap(({ name, points }, i) =>
    points.map((point) => ({ name, colour: LINES[i % LINES.length], x: point.x, ...point.y })),
  );
  // A point can be at 0, which a logarithmic axis cannot show.
  const isLog = points.every((point) => point.x > 0);
  const legend = lines.map(
    ({ name }, i) => `<span style="color:${LINES[i % LINES.length]}">● ${escaped(name)}</span>`,
  );
  const chart = svgOf(`${y} over ${x}`, {
    width: WIDTH,
    height: 280,
    marginLeft: 56,
    marginRight: 30,
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
    ],
  });
  return `${chart}<figcaption>${legend.join(' ')}</figcaption>`;
}

/** @param label - A description of the chart. */
function svgOf(label: string, options: Plot.PlotOptions): string {
  const style = { background: 'none', fontSize: '13px', overflow: 'visible' };
  const chart = Plot.plot({
    ...options,
    style: style as unknown as string,
    color: { type: 'identity' },
    document: document as unknown as Document,
  });
  // The legend and the table below explain the marks.
  for (const labelled of chart.querySelectorAll('[aria-label]'))
    labelled.removeAttribute('aria-label');
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-label', label);
  return chart.outerHTML;
}
