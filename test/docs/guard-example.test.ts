/** The guard that docs/guards-own.md shows passes the suite for guards. */
import { describe, it } from 'vitest';
import { guardConformance } from '../../src/guards/conformance.js';
import type { ReplayGuard } from '../../src/index.js';
import { blocksOf } from './doctest/blocks.js';

interface Table {
  readonly rows: Map<string, number>;
  droppedMs: number;
}
type CreateTableGuard = (table: Table, clock?: () => number) => ReplayGuard;

describe('the guard in docs/guards-own.md', async () => {
  const block = blocksOf('docs/guards-own.md').find(({ code }) =>
    code.startsWith('// table-guard.js'),
  );
  const url = `data:text/javascript,${encodeURIComponent(block?.code ?? '')}`;
  const { createTableGuard } = (await import(url)) as { createTableGuard: CreateTableGuard };
  const newTable = (): Table => ({ rows: new Map(), droppedMs: 0 });
  const withClock = () => {
    const table = newTable();
    let aheadMs = 0;
    return {
      open: () => createTableGuard(table, () => Date.now() + aheadMs),
      moveClock: (byMs: number) => {
        aheadMs += byMs;
      },
    };
  };
  const table = newTable();
  for (const { name, run } of guardConformance(() => createTableGuard(table), { withClock }))
    it(name, run);
});
