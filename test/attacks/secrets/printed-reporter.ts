/**
 * A vitest reporter: fails the run when anything that was printed in it holds a canary, whichever
 * suite or process it came from. The suites of this folder search what their own processes print;
 * what a test's title, a failed assertion, a warning or a worker prints passes through here alone.
 */
import { FIXED, found } from './canaries.js';

type Output = Pick<NodeJS.WriteStream, 'write'>;

export default class PrintedReporter {
  #printed = '';

  /** Called by vitest once, before anything runs. */
  onInit(): void {
    for (const output of [process.stdout, process.stderr]) this.watch(output);
    // Other reporters print until the end.
    process.on('exit', () => {
      const secrets = this.found();
      if (secrets.length === 0) return;
      process.stderr.write(
        `the run printed secrets of test/attacks/secrets/canaries.ts: ${secrets.join(', ')}\n`,
      );
      process.exitCode = 1;
    });
  }

  watch(output: Output): void {
    const write = output.write.bind(output) as (
      chunk: Uint8Array | string,
      ...rest: never[]
    ) => boolean;
    output.write = (chunk: Uint8Array | string, ...rest: never[]) => {
      this.#printed += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
      return write(chunk, ...rest);
    };
  }

  /** The canaries that were printed, and in which form. */
  found(): string[] {
    return found(this.#printed, FIXED);
  }
}
