import type { Verdicts } from '../../index.js';
import { LineCutter } from '../../text/lines.js';
import type { Limits } from '../settings.js';
import type { LineReader } from './parse.js';
import { lastLine, type Write } from './write.js';

/** How a batch ended. */
export type BatchEnd = 'done' | 'cut' | 'too-large' | 'timeout' | 'unread' | 'fault';

interface BatchOptions {
  readonly limits: Limits;
  /**
   * Called for each part of the batch.
   *
   * @param counts - How many verdicts of each code there are, indexed by the code's number.
   * @param seconds - How long they took.
   */
  readonly onCounts: (counts: readonly number[], seconds: number) => void;
  /** Called when the verifier throws. */
  readonly onFault: (error: unknown) => void;
  /** Called once, when the batch has ended. */
  readonly onEnd: (how: BatchEnd, lines: number) => void;
}

/**
 * Answers a batch while its request arrives. A chunk is read only when the client has taken the
 * answer to the chunk before. So memory holds one chunk and one line, no matter how large the batch
 * or how slow the client is.
 *
 * If a limit is hit, the answer ends with a line `{"error":…}`. The stream itself never fails.
 */
export class BatchStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #cutter: LineCutter;
  readonly #verify: LineReader['verify'];
  readonly #write: Write;
  readonly #options: BatchOptions;
  readonly #deadlineMs: number;
  #bytes = 0;
  #lines = 0;
  /**
   * Time spent waiting for input, and bytes of whole lines received, since the last time that there
   * were enough bytes.
   */
  #waitedMs = 0;
  #progress = 0;
  #isOver = false;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #unread: ReturnType<typeof setTimeout> | undefined;

  constructor(
    body: ReadableStream<Uint8Array>,
    { maxBytes, verify }: LineReader,
    write: Write,
    options: BatchOptions,
  ) {
    this.#reader = body.getReader();
    this.#cutter = new LineCutter(maxBytes);
    this.#verify = verify;
    this.#write = write;
    this.#options = options;
    this.#deadlineMs = performance.now() + options.limits.batchMs;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#end('cut'),
      },
      { highWaterMark: 0 },
    );
    this.#expectReader();
  }

  async #pull(): Promise<void> {
    clearTimeout(this.#unread);
    // Loops until there is an answer, because a chunk may hold no whole line.
    while (!this.#isOver) {
      const chunk = await this.#next();
      if (typeof chunk === 'string') return this.#stop(chunk);
      const lines = chunk === undefined ? this.#cutter.end() : this.#cutter.push(chunk);
      this.#count(lines.length);
      try {
        const answer = lines.length > 0 ? await this.#answer(lines) : undefined;
        // The client may have gone away in the meantime.
        if (this.#isOver) return;
        if (answer !== undefined) this.#controller.enqueue(answer);
      } catch (error) {
        this.#options.onFault(error);
        return this.#stop('fault');
      }
      if (chunk === undefined) {
        this.#end('done');
        this.#controller.close();
      } else if (lines.length > 0) {
        this.#expectReader();
        return;
      }
    }
  }

  /** The next chunk, undefined at the end of the body, or the reason why there is no chunk. */
  async #next(): Promise<Uint8Array | undefined | BatchEnd> {
    const { batchIdleMs, batchBytes } = this.#options.limits;
    const beganMs = performance.now();
    const leftMs = Math.min(batchIdleMs - this.#waitedMs, this.#deadlineMs - beganMs);
    if (leftMs <= 0) return 'timeout';
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(resolve, leftMs, 'timeout');
    });
    try {
      const read = await Promise.race([this.#reader.read(), late]);
      if (read === 'timeout') return 'timeout';
      this.#bytes += read.value?.length ?? 0;
      return this.#bytes > batchBytes ? 'too-large' : read.value;
    } catch {
      return 'cut';
    } finally {
      clearTimeout(timer);
      this.#waitedMs += performance.now() - beganMs;
    }
  }

  /**
   * Counts bytes as progress only when enough whole lines have come, so that slow senders cannot
   * occupy the few batches that run at once.
   */
  #count(bytes: number): void {
    this.#progress += bytes;
    if (this.#progress < this.#options.limits.batchIdleBytes) return;
    this.#progress = 0;
    this.#waitedMs = 0;
  }

  async #answer(lines: Uint8Array): Promise<Uint8Array> {
    const began = performance.now();
    const verdicts = await this.#verify(lines, this.#lines === 0);
    this.#options.onCounts(countsOf(verdicts), (performance.now() - began) / 1000);
    const answer = this.#write(verdicts, this.#lines + 1);
    this.#lines += verdicts.length;
    return answer;
  }

  /** Ends the batch if the client takes no answer for `batchIdleMs`. */
  #expectReader(): void {
    this.#unread = setTimeout(() => this.#stop('unread'), this.#options.limits.batchIdleMs);
  }

  #stop(why: BatchEnd): void {
    if (this.#isOver) return;
    this.#end(why);
    if (why !== 'cut') this.#controller.enqueue(lastLine(why));
    this.#controller.close();
  }

  #end(how: BatchEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#unread);
    if (how !== 'done') this.#reader.cancel().catch(() => {});
    this.#options.onEnd(how, this.#lines);
  }
}

function countsOf({ codes }: Verdicts): number[] {
  const counts = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < codes.length; i++) counts[codes[i]!]!++;
  return counts;
}
