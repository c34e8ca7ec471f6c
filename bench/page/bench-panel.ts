import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Turn } from './bench-worker.js';
import { byId, make } from './dom.js';

const BASELINE = 'WebCrypto';
const NAMES = ['totp-token, batches', 'totp-token, one by one', '@noble/hashes', BASELINE];
const COLOURS = ['--accent', '--good', '--otp', '--signature'];
const HEIGHT = 260;

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** The colour that a variable of the style sheet stands for now: a canvas knows no `light-dark()`. */
function colourOf(variable: string): string {
  const probe = make('span', '');
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** On a logarithmic axis, lines for the powers of ten alone. */
const atPowersOfTen = (_: UPlot, splits: readonly number[]) =>
  splits.map((value) => (Number.isInteger(Math.log10(value)) ? value : null));

/** Lets the button start a run in a worker and draws what it says. */
export function setUpBench(): void {
  const button = byId<HTMLButtonElement>('bench');
  const state = byId('bench-state');
  let latest: Run | undefined;
  addEventListener('resize', () => latest?.fit());
  button.addEventListener('click', () => {
    button.disabled = true;
    state.textContent = 'Running…';
    const run = new Run();
    latest = run;
    const worker = new Worker(new URL('./bench-worker.ts', import.meta.url), {
      type: 'module',
      // How long it measures, in milliseconds.
      name: '10000',
    });
    const end = (text: string) => {
      worker.terminate();
      button.disabled = false;
      state.textContent = text;
    };
    worker.onerror = (event) => end(`It failed: ${event.message}`);
    worker.onmessage = ({ data }: MessageEvent<Turn | 'done'>) => {
      if (data === 'done') end('Done.');
      else run.add(data);
    };
  });
}

/** The turns of one run, as a chart of lines and a table of medians. */
class Run {
  readonly #times: number[] = [];
  readonly #rates = new Map<string, number[]>(NAMES.map((name) => [name, []]));
  readonly #chart: UPlot;

  constructor() {
    const box = byId('chart');
    box.replaceChildren();
    const line = { stroke: colourOf('--grid'), width: 1 };
    const axis = { stroke: colourOf('--quiet'), ticks: { show: false } };
    this.#chart = new UPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false }, y: { distr: 3 } },
        axes: [
          { ...axis, grid: { show: false }, label: 'seconds', labelSize: 22 },
          {
            ...axis,
            grid: { ...line, filter: atPowersOfTen },
            size: 64,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))),
          },
        ],
        legend: { show: true, live: false },
        series: [
          {},
          ...NAMES.map((label, i) => ({
            label,
            stroke: colourOf(COLOURS[i] as string),
            width: 2,
            spanGaps: true,
          })),
        ],
      },
      this.#data(),
      box,
    );
  }

  /** Keeps the chart as wide as its place. */
  fit(): void {
    this.#chart.setSize({ width: byId('chart').clientWidth, height: HEIGHT });
  }

  add({ name, atMs, tokensASecond }: Turn): void {
    this.#rates.get(name)?.push(tokensASecond);
    if (name !== BASELINE) return;
    this.#times.push(atMs / 1000);
    this.#chart.setData(this.#data());
    this.#fillTable();
  }

  #data(): UPlot.AlignedData {
    return [this.#times, ...NAMES.map((name) => this.#rates.get(name) ?? [])];
  }

  #fillTable(): void {
    const baseline = median(this.#rates.get(BASELINE) ?? []);
    const rows = NAMES.map((name) => {
      const rate = median(this.#rates.get(name) ?? []);
      const row = make('tr', '');
      const head = make('th', '', name);
      head.setAttribute('scope', 'row');
      row.append(
        head,
        make('td', '', number.format(rate)),
        make('td', '', `${(rate / baseline).toFixed(1)}×`),
      );
      return row;
    });
    const table = byId('rates');
    table.classList.add('shown');
    table.querySelector('tbody')?.replaceChildren(...rows);
  }
}

const short = (value: number) =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1000 ? `${value / 1000} k` : `${value}`;

function median(sample: readonly number[]): number {
  return sample.toSorted((a, b) => a - b)[sample.length >> 1] ?? 0;
}
