/**
 * The table of bench/README.md and its statements are those of the last measurement that was kept.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';

interface Row {
  readonly name: string;
  readonly title: string;
  readonly kind: 'leaks' | 'constant' | 'ours' | 'public';
  readonly samples: number;
  readonly meanNs: readonly [number, number];
  readonly maxT: number;
}
interface Results {
  readonly machine: { readonly cpu: string };
  readonly runtime: { readonly name: string; readonly version: string };
  readonly rows: readonly Row[];
}

const file = join(ROOT, 'bench', 'results', 'ct.json');
const { machine, runtime, rows } = JSON.parse(readFileSync(file, 'utf8')) as Results;

const OUTCOME = {
  leaks: 'must leak',
  constant: 'must not',
  ours: 'ours',
  public: 'of what was sent',
};

const table = [
  `${runtime.name} ${runtime.version}, ${machine.cpu}; 3,000,000 measurements a row.`,
  '',
  '| what | | \\|t\\| | mean of a measurement, ns |',
  '| --- | --- | --- | --- |',
  ...rows.map(
    ({ title, kind, maxT, meanNs }) =>
      `| ${title} | ${OUTCOME[kind]} | ${maxT.toFixed(1)} | ${meanNs.map((ns) => ns.toFixed(0)).join(', ')} |`,
  ),
].join('\n');

describe('the measurement of constant time that was kept', () => {
  it('equals the table of bench/README.md', () => {
    const text = readFileSync(join(ROOT, 'bench', 'README.md'), 'utf8');
    const shown = /<!-- ct: [^>]*-->\n(.*)<!-- \/ct -->/s.exec(text)?.[1]?.trim();
    expect(shown).toBe(table);
  });

  it('covers signatures and OTPs, single and in batches, and controls, with millions of samples each', () => {
    const names = rows.map(({ name }) => name);
    for (const name of [
      'leaky',
      'with-leak',
      'safe',
      'same',
      'signature',
      'signature-batch',
      'otp',
      'otp-batch',
    ]) {
      expect(names).toContain(name);
    }
    for (const { samples } of rows) expect(samples).toBeGreaterThanOrEqual(3_000_000);
  });

  it('finds the leak of the controls and no leak in the core', () => {
    for (const { name, kind, maxT } of rows) {
      if (kind === 'leaks') expect(maxT, name).toBeGreaterThan(10);
      if (kind === 'constant' || kind === 'ours') expect(maxT, name).toBeLessThan(10);
    }
  });
});
