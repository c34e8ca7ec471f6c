/** Marks that calls of one verifier are waiting for answers to, by name, and how many calls each. */
export class InFlight {
  readonly #calls = new Map<string, number>();

  begin(names: readonly string[]): void {
    for (const name of names) this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
  }

  end(names: readonly string[]): void {
    for (const name of names) {
      const left = (this.#calls.get(name) ?? 1) - 1;
      if (left === 0) this.#calls.delete(name);
      else this.#calls.set(name, left);
    }
  }

  has(name: string): boolean {
    return this.#calls.has(name);
  }
}
