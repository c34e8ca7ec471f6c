import type { Grid } from '../lib/grid.js';
import { type Drop, type GuardsResults, perCore, type Row, WAYS } from './results.js';

const count = (value: number | undefined): string => value?.toLocaleString('en') ?? '';

/** The best result of each store and way, with the number of connections that it needs. */
export function guardsGrid({ rows, bytes }: GuardsResults): Grid {
  const best = (store: string, way: string): Row | undefined =>
    rows
      .filter((row) => row.store === store && row.way === way)
      .sort((a, b) => b.perSecond - a.perSecond)
      .at(0);
  const cell = (row: Row | undefined) =>
    row === undefined
      ? ''
      : `${count(row.perSecond)}, ${row.p50Ms} / ${row.p99Ms} ms (${row.connections})`;
  return {
    head: [
      'store',
      ...WAYS.map(({ name }) => name),
      'a core: one by one / batches',
      'bytes a token',
    ],
    rows: storesOf(rows).map((store) => {
      const found = WAYS.map(({ name }) => best(store, name));
      const cores = [found.at(0), found.at(-1)].map((row) =>
        row === undefined ? undefined : perCore(row),
      );
      const isTold = cores.every((each) => each !== undefined);
      return [
        store,
        ...found.map(cell),
        isTold ? cores.map(count).join(' / ') : '',
        bytes[store] ? `${bytes[store]}` : '',
      ];
    }),
  };
}

/** The results for every number of connections. */
export function connectionsGrid({ rows }: GuardsResults): Grid {
  return {
    head: [
      'store, connections',
      ...WAYS.map(({ name }) => `${name}: a second`),
      ...WAYS.map(({ name }) => `${name}: p50 / p99, ms`),
      'processor time of a token, ours + store’s, µs: one by one',
      'in batches',
    ],
    rows: storesOf(rows).flatMap((store) => {
      const ofStore = rows.filter((row) => row.store === store);
      return [...new Set(ofStore.map(({ connections }) => connections))].map((connections) => {
        const found = WAYS.map(({ name }) =>
          ofStore.find((row) => row.connections === connections && row.way === name),
        );
        return [
          `${store}, ${connections}`,
          ...found.map((row) => count(row?.perSecond)),
          ...found.map((row) => (row ? `${row.p50Ms} / ${row.p99Ms}` : '')),
          ...[found.at(0), found.at(-1)].map((row) =>
            row?.ownUs === undefined ? '' : `${row.ownUs} + ${row.storeUs}`,
          ),
        ];
      });
    }),
  };
}

/** The cost of a new step in LMDB. */
export const dropText = ({ marks, withDropMs, withoutMs }: Drop): string =>
  `LMDB: the first token of a step takes ${withDropMs} ms when ${count(marks)} tokens of an old step are dropped by it, ${withoutMs} ms when none are.`;

const storesOf = (rows: readonly Row[]): string[] => [...new Set(rows.map(({ store }) => store))];
