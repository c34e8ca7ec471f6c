import { AggregatorRegistry } from 'prom-client';
import type { Snapshot } from './messages.js';

/** Metrics that only rise. Their sums must not fall when a worker ends. */
const CUMULATIVE: readonly string[] = ['counter', 'histogram', 'summary'];

/**
 * The metrics of several processes together: the last snapshot of each running process, and the
 * sums of those that have ended.
 */
export class FleetMetrics {
  readonly #last = new Map<object, Snapshot>();
  #gone: Snapshot = [];

  /** @param of - The process that the snapshot is from. */
  keep(of: object, snapshot: Snapshot): void {
    this.#last.set(of, snapshot);
  }

  /** Forgets a process that has ended, and keeps the sums of what it counted. */
  bury(of: object): void {
    const last = this.#last.get(of);
    if (last === undefined) return;
    this.#last.delete(of);
    const counted = last.filter(({ type }) => CUMULATIVE.includes(String(type)));
    this.#gone = sumOf([this.#gone, counted]).getMetricsAsArray() as unknown as Snapshot;
  }

  text(): Promise<string> {
    return sumOf([this.#gone, ...this.#last.values()]).metrics();
  }
}

// `aggregate` takes the JSON of registries, as its documentation says. Its type declares registries
// only.
const sumOf = (snapshots: readonly Snapshot[]) =>
  AggregatorRegistry.aggregate(
    snapshots as unknown as Parameters<typeof AggregatorRegistry.aggregate>[0],
  );
