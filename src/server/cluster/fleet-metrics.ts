import { AggregatorRegistry } from 'prom-client';
import type { Snapshot } from './messages.js';

/** What only rises, and must not fall when a worker is gone. */
const CUMULATIVE: readonly string[] = ['counter', 'histogram', 'summary'];

/**
 * The metrics of several processes together: of each the last that it gave, and the sums of those
 * that are gone.
 */
export class FleetMetrics {
  readonly #last = new Map<object, Snapshot>();
  #gone: Snapshot = [];

  /** @param of - The process. */
  keep(of: object, snapshot: Snapshot): void {
    this.#last.set(of, snapshot);
  }

  /** A process is gone: what it counted stays. */
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

// Its declaration knows registries only, its documentation their JSON.
const sumOf = (snapshots: readonly Snapshot[]) =>
  AggregatorRegistry.aggregate(
    snapshots as unknown as Parameters<typeof AggregatorRegistry.aggregate>[0],
  );
