/** Running mean and variance: Welford's method, as in Knuth, TAOCP vol. 2, §4.2.2. */
export class Running {
  count = 0;
  mean = 0;
  #sumOfSquares = 0;

  add(value: number): void {
    this.count++;
    const delta = value - this.mean;
    this.mean += delta / this.count;
    this.#sumOfSquares += delta * (value - this.mean);
  }

  /** The variance of a sample: divided by count − 1. */
  get variance(): number {
    return this.#sumOfSquares / (this.count - 1);
  }
}

/**
 * Welch's t of two samples: how many standard errors their means are apart. 0 if there is no
 * variance.
 */
export function welchT(a: Running, b: Running): number {
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  return error > 0 ? (a.mean - b.mean) / error : 0;
}
