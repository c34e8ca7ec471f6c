/** A goal is met only by a measurement, and a missing one says why it is missing. */
import { describe, expect, it } from 'vitest';
import { type GatewayResults, gatewayGoals } from '../../bench/gateway/results.js';
import { goalsOf } from '../../bench/goals.js';
import { growthOf } from '../../bench/lib/growth.js';
import type { CurveTable, FiguresTable, Table, TimesTable } from '../../bench/lib/results.js';
import { type SoakResults, soakGoals } from '../../bench/soak/results.js';

const spread = (median: number) => ({ median, p25: median, p75: median });

const times = (
  id: string,
  ns: Record<string, number>,
  leftOut: TimesTable['leftOut'] = [],
): TimesTable => ({
  kind: 'times',
  id,
  title: id,
  item: 'token',
  baseline: Object.keys(ns)[0] ?? '',
  rows: Object.entries(ns).map(([name, each]) => ({
    name,
    kind: name.startsWith('totp-token') ? 'ours' : 'peer',
    ns: spread(each),
    ratio: spread(1000 / each),
  })),
  leftOut,
});

const guardCurve = (most: number): CurveTable => ({
  kind: 'curve',
  id: 'guard-sizes',
  title: '',
  x: '',
  y: '',
  lines: ['bytes', 'strings'].map((name) => ({
    name,
    points: [0, most].map((x) => ({ x, y: spread(100) })),
  })),
});

const guardMemory = (tokens: string): FiguresTable => ({
  kind: 'figures',
  id: 'guard-memory',
  title: '',
  figures: [
    {
      name: `guard of totp-token, ${tokens} tokens filled in, tables over tokens`,
      value: 14,
      unit: 'bytes a token',
    },
  ],
});

const goal = (tables: readonly Table[], what: string, mode: 'full' | 'quick' = 'full') =>
  goalsOf({ tables, mode }).find((each) => each.what.startsWith(what));

describe('goals of the bench', () => {
  it('are all listed as unmet, each with its reason, when nothing was measured', () => {
    const goals = goalsOf({ tables: [], mode: 'quick' });
    expect(goals.length).toBeGreaterThan(25);
    for (const { isMet, figure, missing } of goals) {
      expect({ isMet, figure }).toEqual({ isMet: false, figure: undefined });
      expect(missing).toMatch(/./);
    }
  });

  it('are met or not by the ratio of two candidates of one table', () => {
    const table = times('jid-17', {
      'node:crypto createHmac(KeyObject)': 700,
      'totp-token, one call, strings': 100,
    });
    expect(goal([table], 'jid of 17, one call')).toMatchObject({ figure: 7, isMet: true });
    const slow = times('jid-17', {
      'node:crypto createHmac(KeyObject)': 600,
      'totp-token, one call, strings': 100,
    });
    expect(goal([slow], 'jid of 17, one call')).toMatchObject({ figure: 6, isMet: false });
  });

  it('compare with the quickest peer, whichever the table was saved against', () => {
    const table = times('jid-17', {
      'node:crypto createHmac(KeyObject)': 900,
      'node:crypto 2 × crypto.hash': 700,
      'totp-token, one call, strings': 100,
    });
    expect(goal([table], 'jid of 17, one call')).toMatchObject({ figure: 7, isMet: true });
    const quicker = times('jid-17', {
      'node:crypto createHmac(KeyObject)': 900,
      'node:crypto 2 × crypto.hash': 600,
      'totp-token, one call, strings': 100,
    });
    expect(goal([quicker], 'jid of 17, one call')).toMatchObject({ figure: 6, isMet: false });
  });

  it('say why a candidate is missing, and are not met without a peer', () => {
    const ours = {
      'totp-token, batches of 1,024, bytes': 100,
      'totp-token, one call, strings': 100,
    };
    const native = {
      name: 'C with SHA-NI, two streams, bytes',
      reason: 'no C compiler is installed',
    };
    const table = times('jid-17', ours, [native]);
    expect(goal([table], 'jid of 17, batch from bytes over SHA-NI')).toMatchObject({
      missing: 'no C compiler is installed',
      isMet: false,
    });
    expect(goal([table], 'jid of 17, one call')).toMatchObject({ isMet: false });
  });

  for (const [tokens, most, isMet] of [
    ['10,000,384', 10_000_384, true],
    ['9,999,360', 9_999_360, false],
    ['100,000', 100_000, false],
    ['1,000,448', 1_000_448, false],
  ] as const) {
    it(`of ten million tokens are ${isMet ? 'met' : 'not met'} by a guard of ${tokens} tokens`, () => {
      const tables = [guardCurve(most), guardMemory(tokens)];
      expect(goal(tables, 'memory of 10 million')?.isMet).toBe(isMet);
      for (const way of ['bytes', 'strings'])
        expect(goal(tables, `guard from empty to 10 million tokens, ${way}`)?.isMet).toBe(isMet);
    });
  }
});

const gateway = (change: object = {}): GatewayResults =>
  ({
    pairs: {
      session: { ratio: 0.84, cpuRatio: 0.86, refused: 0 },
      auth: { ratio: 0.9, cpuRatio: 0.85, refused: 0 },
      verify: { ratio: 0.9, cpuRatio: 0.89, refused: 0 },
    },
    batch: { ratio: 0.5, cpuRatio: 0.49 },
    halfLoad: { p99Us: 600 },
    memory: { millions: 10, samplesMiB: [250, 290, 290, 291, 290, 290, 291, 291, 290, 291, 292] },
    ...change,
  }) as unknown as GatewayResults;

describe('goals of the gateway', () => {
  const met = (results: GatewayResults) => gatewayGoals(results).map(({ isMet }) => isMet);

  it('are met or not by the limit of each ratio, and by memory over ten million tokens', () => {
    expect(met(gateway())).toEqual([
      ...[false, true, true, true, true, false],
      ...[true, false, true, true],
    ]);
  });

  it('are not met by answers that are refusals, by fewer tokens, or by memory that grows', () => {
    const refused = { ratio: 0.9, cpuRatio: 0.9, refused: 3 };
    const pairs = { session: refused, auth: refused, verify: refused };
    expect(met(gateway({ pairs })).slice(0, 6)).toEqual(Array(6).fill(false));
    const few = { millions: 9, samplesMiB: [290, 290, 290] };
    expect(met(gateway({ memory: few }))[9]).toBe(false);
    const growing = {
      millions: 10,
      samplesMiB: [200, 210, 220, 230, 240, 250, 260, 270, 280, 290, 300],
    };
    expect(met(gateway({ memory: growing }))[9]).toBe(false);
  });
});

describe('goals of the soak', () => {
  const soak = (change: object = {}): SoakResults =>
    ({
      minutes: 20,
      wrong: 0,
      failedClosed: 31,
      faults: 0,
      stderr: '',
      exitCode: 0,
      memoryMiB: { ratio: 1.01, most: 150 },
      latencyMs: { p99: 10 },
      ...change,
    }) as unknown as SoakResults;
  const met = (change?: object) => soakGoals(soak(change)).every(({ isMet }) => isMet);

  it('are met where the guard failed closed and there was no other fault', () =>
    expect(met()).toBe(true));

  for (const [why, change] of [
    ['a wrong verdict', { wrong: 1 }],
    ['a fault', { faults: 1 }],
    ['output on stderr', { stderr: 'Warning: something\n' }],
    ['another exit code', { exitCode: 1 }],
    ['memory that grows', { memoryMiB: { ratio: 1.06, most: 150 } }],
  ] as const) {
    it(`are not met with ${why}`, () => expect(met(change)).toBe(false));
  }
});

it('measures growth by the last third over the middle one, whatever the first was', () => {
  expect(growthOf([1, 2, 3, 100, 101, 100, 110, 111, 110])).toEqual({
    middleThird: 100,
    lastThird: 110,
    ratio: 1.1,
  });
  expect(growthOf([900, 800, 700, 100, 100, 100, 100, 100, 100]).ratio).toBe(1);
});
