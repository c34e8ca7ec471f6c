/**
 * A histogram for Prometheus whose observation is a few comparisons: prom-client's own builds a key out of labels each
 * time. Registered like any other metric; all that the registry asks of one is `get`.
 */
export class BucketHistogram {
  readonly name: string;
  readonly #help: string;
  /** Upper bounds, ascending. */
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.#bounds.length && value > this.#bounds[i]!) i++;
    this.#counts[i]!++;
    this.#sum += value;
  }

  async get() {
    const values: { metricName: string; labels: Record<string, string | number>; value: number }[] = [];
    let total = 0;
    this.#counts.forEach((count, i) => {
      total += count;
      values.push({
        metricName: `${this.name}_bucket`,
        labels: { le: this.#bounds[i] ?? '+Inf' },
        value: total,
      });
    });
    values.push({ metricName: `${this.name}_sum`, labels: {}, value: this.#sum });
    values.push({ metricName: `${this.name}_count`, labels: {}, value: total });
    return { name: this.name, help: this.#help, type: 'histogram', values, aggregator: 'sum' };
  }
}
