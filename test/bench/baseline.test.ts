/** A table compares with the quickest peer, and the report and the last lines of a run say so. */
import { describe, expect, it } from 'vitest';
import { againstQuickest, type Results, timesTable } from '../../bench/lib/results.js';
import type { Kind } from '../../bench/lib/rounds.js';
import { findingsOf, headlineOf, summaryOf } from '../../bench/report/summary.js';

const USUAL = 'node:crypto createHmac(KeyObject)';
const QUICK = 'node:crypto 2 × crypto.hash';
const ONE = 'totp-token, one call, strings';
const LINES = 'totp-token, batches of 64, bytes';

const timing = (name: string, kind: Kind, ...ns: number[]) => ({ name, kind, items: 1, ns });
const HEAD = { id: 'jid-17', title: '', item: 'token', leftOut: [] };
/** The machine was busy in the second round, so the quickest peer has the longer median. */
const TIMINGS = [
  timing(USUAL, 'peer', 1500, 9000, 1500),
  timing(QUICK, 'peer', 1200, 6000, 1600),
  timing(ONE, 'ours', 400, 2000, 400),
  timing(LINES, 'ours', 200, 1000, 200),
  timing('C with SHA-NI, two streams, bytes', 'native', 100, 500, 100),
];
const run = (table = timesTable(HEAD, TIMINGS)): Results => ({
  format: 1,
  date: '2026-01-01T00:00:00.000Z',
  mode: 'quick',
  machine: { cpu: '', cores: 2, os: '', load: [] },
  runtime: { name: 'Node', version: '20.20.2', engine: 'V8' },
  commit: '',
  packages: {},
  tables: [table],
});

describe('a table of times', () => {
  it('takes the peer that is quickest round by round as its baseline', () => {
    const { baseline, rows } = timesTable(HEAD, TIMINGS);
    expect(baseline).toBe(QUICK);
    expect(rows.find(({ name }) => name === QUICK)).toMatchObject({
      kind: 'baseline',
      ratio: { median: 1, p25: 1, p75: 1 },
    });
    // 3, 3 and 4 times as fast.
    expect(rows.find(({ name }) => name === ONE)?.ratio.median).toBe(3);
    expect(rows.filter(({ kind }) => kind === 'baseline')).toHaveLength(1);
  });

  it('compares with the candidate that it is told, though a peer is quicker', () =>
    expect(timesTable(HEAD, TIMINGS, USUAL).baseline).toBe(USUAL));

  it('that was saved against another peer is read against the quickest', () => {
    const read = againstQuickest(timesTable(HEAD, TIMINGS, USUAL));
    expect(read.baseline).toBe(QUICK);
    expect(read.rows.filter(({ kind }) => kind === 'baseline').map(({ name }) => name)).toEqual([
      QUICK,
    ]);
    // 3.75 over 1.25: medians against the usual form.
    expect(read.rows.find(({ name }) => name === ONE)?.ratio.median).toBeCloseTo(3);
    const threads = timesTable({ ...HEAD, id: 'threads' }, TIMINGS, USUAL);
    expect(againstQuickest(threads)).toBe(threads);
  });
});

describe('the summary of a run', () => {
  it('is three lines that name the quickest peer and the usual form', () =>
    expect(summaryOf(run())).toEqual([
      'verify takes 400 ns a token, 3.0 times as fast as the quickest other way measured here.',
      'verifyLines of 64 tokens: 200 ns a token, 6.0 times as fast.',
      `That other way is ${QUICK}: 1,600 ns. The usual form, ${USUAL}: 1,500 ns.`,
    ]));

  it('is empty for a run without whole verifications', () =>
    expect(summaryOf({ tables: [] })).toEqual([]));

  it('begins the report with a headline and findings, the last of them a loss', () => {
    const others: Results = { ...run(), runtime: { name: 'Bun', version: '1.4.5', engine: '' } };
    const slower = timesTable(HEAD, [
      ...TIMINGS.filter(({ name }) => name !== ONE),
      timing(ONE, 'ours', 1200, 6000, 1600),
    ]);
    expect(headlineOf(run())).toBe(
      'Verifying a token takes 400 ns, 3.0 times as fast as the quickest other way',
    );
    const findings = findingsOf(run(), [run(), { ...others, tables: [slower] }]);
    expect(findings).toHaveLength(3);
    expect(findings[1]).toMatch(/between 1\.0 in Bun 1\.4\.5.* and 3\.0 in Node 20\.20\.2/);
    expect(findings[2]).toContain('SHA instructions is 2.0 times as fast as our best batch');
  });
});
