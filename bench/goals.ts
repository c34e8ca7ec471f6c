import { nameOf, overKernel } from './candidates/ours.js';
import { atLeast, atMost, type Goal, type Got } from './lib/goal.js';
import {
  againstQuickest,
  type CurveTable,
  type FiguresTable,
  type Results,
  type Table,
  type TimesTable,
} from './lib/results.js';
import { NATIVE } from './native/name.js';

const LARGEST_BATCH = 65_536;
const FULL_GUARD = 10_000_000;
/** 280 ns of hashing and 60 ns of everything else, on the machine for which the goal was set. */
const MOST_OVER_KERNEL = 1.21;

/**
 * Compares the goals of the project with the tables of a run. A goal that cannot be compared has
 * the reason.
 */
export function goalsOf({ tables, mode }: Pick<Results, 'tables' | 'mode'>): Goal[] {
  const look = new Figures(tables, mode);
  const goals: Goal[] = [];
  for (const [id, jid, one, strings, bytes] of [
    ['jid-17', 'jid of 17', 6.5, 11, 13],
    ['jid-15', 'jid of 15', 8, 13, 16],
  ] as const) {
    const over = (by: 'call' | 'strings' | 'bytes', size: number) =>
      look.overQuickest(id, nameOf({ by, size }));
    goals.push(atLeast(`${jid}, one call over the quickest peer`, one, '×', over('call', 1)));
    for (const size of [64, 1024]) {
      const batch = `${jid}, batch of ${size}`;
      goals.push(
        atLeast(`${batch}, strings, over the quickest peer`, strings, '×', over('strings', size)),
      );
      goals.push(
        atLeast(`${batch}, bytes, over the quickest peer`, bytes, '×', over('bytes', size)),
      );
    }
    const ours = nameOf({ by: 'bytes', size: 1024 });
    const copied = 'Bun.CryptoHasher, hmac copied';
    goals.push(
      atMost(`${jid}, batch from bytes over SHA-NI in C`, 1.75, '×', look.ratio(id, NATIVE, ours)),
      atLeast(`${jid}, batch from bytes over ${copied}`, 2, '×', look.ratio(id, ours, copied)),
    );
  }
  for (const by of ['bytes', 'strings'] as const) {
    const figure = look.figure('kernel', overKernel({ by, size: 1024 }));
    goals.push(atMost(`batch of 1,024, ${by}, over the hash alone`, MOST_OVER_KERNEL, '×', figure));
  }
  const hmac = 'totp-token createHmac().digest()';
  const totp = 'totp-token createTotp().verify';
  const [one, two] = [
    'createVerifierPool, 1 thread, bytes',
    'createVerifierPool, 2 threads, bytes',
  ];
  const compiled = look.figure('cold-start', 'new WebAssembly.Module');
  const instantiated = look.figure('cold-start', 'new WebAssembly.Instance');
  goals.push(
    atLeast(
      'HMAC alone, 57 bytes, over the quickest peer',
      4,
      '×',
      look.overQuickest('hmac-57', hmac),
    ),
    atLeast(
      'TOTP with the seed held, over otpauth',
      50,
      '×',
      look.ratio('totp', totp, 'otpauth TOTP.validate'),
    ),
    atMost(
      'one call allocates (less than one byte is none)',
      1,
      'bytes a call',
      look.figure('heap', 'verify, accepted'),
    ),
    atLeast('two threads over one', 1.9, '×', look.ratio('threads', two, one)),
    ...[['bytes', 1.15] as const, ['strings', 1.3] as const].map(([way, most]) => {
      const what = `batches of 4 to 65,536, ${way}: slowest over quickest`;
      return atMost(what, most, '×', look.spread('batch-sizes', way, 4, LARGEST_BATCH));
    }),
    ...['bytes', 'strings'].map((way) => {
      const what = `guard from empty to 10 million tokens, ${way}: slowest over quickest`;
      return atMost(what, 1.15, '×', look.spread('guard-sizes', way, 0, FULL_GUARD));
    }),
    atMost('memory of 10 million tokens', 16, 'bytes a token', look.guardBytes()),
    atMost('core.wasm', 64, 'KiB', look.figure('cold-start', 'core.wasm')),
    atMost(
      'compiled and instantiated',
      3,
      'ms',
      typeof compiled === 'number' && typeof instantiated === 'number'
        ? compiled + instantiated
        : compiled,
    ),
    atMost(
      'createVerifier to the first verdict',
      10,
      'ms',
      look.figure('cold-start', 'createVerifier to the first verdict'),
    ),
  );
  return goals;
}

/** Looks figures up, or gives the reason why they are missing. */
class Figures {
  readonly #tables: readonly Table[];
  readonly #mode: Results['mode'];

  constructor(tables: readonly Table[], mode: Results['mode']) {
    this.#tables = tables;
    this.#mode = mode;
  }

  /** How many times as fast a candidate is as the quickest peer of its table. */
  overQuickest(id: string, name: string): Got {
    const table = this.#table<TimesTable>('times', id);
    return this.ratio(id, name, table === undefined ? '' : againstQuickest(table).baseline);
  }

  /** How many times as fast one candidate is as another. */
  ratio(id: string, name: string, over: string): Got {
    const table = this.#table<TimesTable>('times', id);
    if (table === undefined) return this.#noTable();
    const [row, other] = [name, over].map((each) => table.rows.find((row) => row.name === each));
    if (row !== undefined && other !== undefined) return row.ratio.median / other.ratio.median;
    const absent = row === undefined ? name : over;
    const reason = table.leftOut.find((each) => each.name === absent)?.reason;
    return { missing: reason ?? `${absent} is not in the table` };
  }

  figure(id: string, name: string): Got {
    const table = this.#table<FiguresTable>('figures', id);
    if (table === undefined) return this.#noTable();
    const found = table.figures.find((each) => each.name === name)?.value;
    return found ?? { missing: table.note ?? 'no figure of that name' };
  }

  /**
   * The slowest of a line's points divided by its quickest. All points from `from` to `to` must
   * exist.
   */
  spread(id: string, line: string, from: number, to: number): Got {
    const table = this.#table<CurveTable>('curve', id);
    const points = table?.lines
      .find(({ name }) => name === line)
      ?.points.filter(({ x }) => x >= from);
    if (points === undefined) return this.#noTable();
    const most = Math.max(...points.map(({ x }) => x));
    if (most < to) return { missing: `measured up to ${most.toLocaleString('en')} only` };
    const medians = points.map(({ y }) => y.median);
    return Math.max(...medians) / Math.min(...medians);
  }

  /**
   * The bytes for each token of a full guard. If filling stopped early, the name has another
   * number.
   */
  guardBytes(): Got {
    const table = this.#table<FiguresTable>('figures', 'guard-memory');
    if (table === undefined) return this.#noTable();
    const counted = table.figures.flatMap(({ name, value }) => {
      const tokens = /^guard of totp-token, ([\d,]+) tokens/.exec(name)?.[1];
      return tokens === undefined ? [] : [{ tokens: Number(tokens.replaceAll(',', '')), value }];
    });
    const most = counted.at(-1);
    if (most === undefined) return { missing: 'no figure of that name' };
    if (most.tokens < FULL_GUARD)
      return { missing: `filled up to ${most.tokens.toLocaleString('en')} only` };
    return most.value;
  }

  #table<T extends Table>(kind: T['kind'], id: string): T | undefined {
    return this.#tables.find((table): table is T => table.kind === kind && table.id === id);
  }

  #noTable(): Got {
    return {
      missing:
        this.#mode === 'quick' ? 'not in a quick run of this runtime' : 'its part was not run',
    };
  }
}
