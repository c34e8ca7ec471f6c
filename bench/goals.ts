import { nameOf } from './candidates/ours.js';
import type { Goal, Table } from './lib/results.js';
import { NAME as NATIVE } from './native/sha-ni.js';

/** The goals that the project set itself, each held against the tables of a run. A table that was not made has none. */
export function goalsOf(tables: readonly Table[]): Goal[] {
  const times = (id: string) => tables.find((table) => table.kind === 'times' && table.id === id);
  const row = (id: string, name: string) => {
    const table = times(id);
    return table?.kind === 'times' ? table.rows.find((each) => each.name === name) : undefined;
  };
  const figure = (id: string, name: string): number | undefined => {
    const table = tables.find((each) => each.kind === 'figures' && each.id === id);
    return table?.kind === 'figures'
      ? table.figures.find((each) => each.name.startsWith(name))?.value
      : undefined;
  };
  const spread = (id: string, line: string, from = 0): number | undefined => {
    const table = tables.find((each) => each.kind === 'curve' && each.id === id);
    const points =
      table?.kind === 'curve' ? table.lines.find(({ name }) => name === line)?.points : undefined;
    const medians = (points ?? []).filter(({ x }) => x >= from).map(({ y }) => y.median);
    return medians.length < 2 ? undefined : Math.max(...medians) / Math.min(...medians);
  };

  const goals: (Goal | undefined)[] = [];
  const atLeast = (what: string, wanted: number, got: number | undefined) =>
    goals.push(
      got === undefined
        ? undefined
        : { what, goal: `≥ ${wanted}×`, figure: got, unit: '×', isMet: got >= wanted },
    );
  const atMost = (what: string, wanted: number, unit: string, got: number | undefined) =>
    goals.push(
      got === undefined
        ? undefined
        : { what, goal: `≤ ${wanted} ${unit}`, figure: got, unit, isMet: got <= wanted },
    );

  for (const [id, jid, one, strings, bytes] of [
    ['jid-17', 'jid of 17', 6.5, 11, 13],
    ['jid-15', 'jid of 15', 8, 13, 16],
  ] as const) {
    const ratio = (by: 'call' | 'strings' | 'bytes', size: number) =>
      row(id, nameOf({ by, size }))?.ratio.median;
    atLeast(`${jid}, one call over the baseline`, one, ratio('call', 1));
    for (const size of [64, 1024]) {
      atLeast(`${jid}, batch of ${size}, strings, over the baseline`, strings, ratio('strings', size));
      atLeast(`${jid}, batch of ${size}, bytes, over the baseline`, bytes, ratio('bytes', size));
    }
    const ours = row(id, nameOf({ by: 'bytes', size: 1024 }));
    const native = row(id, NATIVE);
    atMost(
      `${jid}, batch from bytes over SHA-NI in C`,
      1.75,
      '×',
      ours && native && native.ratio.median / ours.ratio.median,
    );
    const copied = row(id, 'Bun.CryptoHasher, hmac copied');
    if (ours && copied)
      atLeast(
        `${jid}, batch from bytes over Bun.CryptoHasher copied`,
        2,
        ours.ratio.median / copied.ratio.median,
      );
  }
  atLeast(
    'HMAC alone, 57 bytes, over createHmac',
    4,
    row('hmac-57', 'totp-token createHmac().digest()')?.ratio.median,
  );
  atLeast(
    'TOTP with the seed held, over otpauth',
    50,
    row('totp', 'totp-token createTotp().verify')?.ratio.median,
  );
  atMost(
    'one call allocates (less than one byte is none)',
    1,
    'bytes a call',
    figure('heap', 'verify, accepted'),
  );
  atLeast('two threads over one', 1.9, row('threads', 'createVerifierPool, 2 threads, bytes')?.ratio.median);
  atMost(
    'batches of 4 to 65,536, bytes: slowest over quickest',
    1.15,
    '×',
    spread('batch-sizes', 'bytes', 4),
  );
  atMost(
    'batches of 4 to 65,536, strings: slowest over quickest',
    1.3,
    '×',
    spread('batch-sizes', 'strings', 4),
  );
  atMost('guard from empty to full, bytes: slowest over quickest', 1.15, '×', spread('guard-sizes', 'bytes'));
  atMost(
    'guard from empty to full, strings: slowest over quickest',
    1.15,
    '×',
    spread('guard-sizes', 'strings'),
  );
  atMost(
    'memory of 10 million tokens',
    16,
    'bytes a token',
    figure('guard-memory', 'guard of totp-token, 10,'),
  );
  atMost('core.wasm', 64, 'KiB', figure('cold-start', 'core.wasm'));
  const compile = figure('cold-start', 'new WebAssembly.Module');
  const instantiate = figure('cold-start', 'new WebAssembly.Instance');
  atMost(
    'compiled and instantiated',
    3,
    'ms',
    compile === undefined ? undefined : compile + (instantiate ?? 0),
  );
  atMost(
    'createVerifier to the first verdict',
    10,
    'ms',
    figure('cold-start', 'createVerifier to the first'),
  );
  return goals.filter((goal) => goal !== undefined);
}
