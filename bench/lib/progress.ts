/** Shows on stderr what is being measured. On a terminal, one line is overwritten. */
export class Progress {
  readonly #total: number;
  readonly #startedMs = performance.now();
  #done = 0;
  #title = '';

  /** @param total - How many parts there are. */
  constructor(total: number) {
    this.#total = total;
  }

  begin(title: string): void {
    this.#title = title;
    if (process.stderr.isTTY) this.within(0);
    else process.stderr.write(`${this.#line('')}\n`);
  }

  /** @param share - How much of the part is done, 0 to 1. */
  readonly within = (share: number): void => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\x1b[2K${this.#line(` ${Math.round(share * 100)} %`)}`);
  };

  end(): void {
    this.#done++;
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  }

  #line(share: string): string {
    const seconds = Math.round((performance.now() - this.#startedMs) / 1000);
    return `[${this.#done + 1}/${this.#total}] ${this.#title}${share} (${seconds} s)`;
  }
}
