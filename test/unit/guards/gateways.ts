import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Hosts, VerdictCode } from '../../../src/index.js';
import { ROOT } from '../../../tools/lib/process.mjs';

/** Which guard a gateway opens: a module of dist/, what it exports for that, and the options. */
export interface GuardChoice {
  readonly module: string;
  readonly create: string;
  readonly options: object;
}

/** A process with a verifier of its own on a shared guard. */
export class Gateway {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (codes: VerdictCode[] | undefined) => void>();
  #lastId = 0;
  #isGone = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: { id: number; codes: VerdictCode[] }) => {
      this.#waiting.get(message.id)?.(message.codes);
      this.#waiting.delete(message.id);
    });
    child.on('exit', () => {
      this.#isGone = true;
      for (const resolve of this.#waiting.values()) resolve(undefined);
      this.#waiting.clear();
    });
  }

  static async start(hosts: Hosts, { module, create, options }: GuardChoice): Promise<Gateway> {
    const file = join(ROOT, 'test', 'unit', 'guards', 'gateway-process.mjs');
    const url = pathToFileURL(join(ROOT, 'dist', module)).href;
    const child = fork(file, [url, create, JSON.stringify(options), JSON.stringify(hosts)], {
      execArgv: [],
    });
    const started = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => undefined),
    ]);
    if (started === undefined) throw new Error('a gateway did not start');
    return new Gateway(child);
  }

  /** What becomes of a batch; undefined if the process is gone before it says. */
  verify(jid: string, tokens: readonly string[]): Promise<VerdictCode[] | undefined> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      if (this.#isGone || !this.#child.connected) return resolve(undefined);
      this.#waiting.set(id, resolve);
      // A process that was just killed takes no message; its end answers.
      this.#child.send({ id, jid, tokens }, () => {});
    });
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** Tokens that a gateway is given at once. */
const BATCH = 250;
const AT_ONCE = 4;

/** How often each token was accepted, and what else was said. */
export class Tally {
  readonly accepted: Uint8Array;
  readonly others = new Map<string, number>();

  constructor(count: number) {
    this.accepted = new Uint8Array(count);
  }

  /** Tokens by how often they were accepted. */
  get times(): Record<number, number> {
    const times: Record<number, number> = {};
    for (const each of this.accepted) times[each] = (times[each] ?? 0) + 1;
    return times;
  }

  /**
   * Has a gateway verify some of the tokens, by their places, a few batches at a time.
   *
   * @param answered - Called when a batch was.
   */
  async submit(
    gateway: Gateway,
    jid: string,
    tokens: readonly string[],
    places: readonly number[],
    answered: () => void = () => {},
  ) {
    let next = 0;
    const work = async () => {
      while (next < places.length) {
        const batch = places.slice(next, next + BATCH);
        next += BATCH;
        const codes = await gateway.verify(
          jid,
          batch.map((place) => tokens[place] as string),
        );
        for (const [i, place] of batch.entries()) this.#count(place, codes?.[i] ?? 'gone');
        answered();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  #count(place: number, code: string): void {
    if (code === 'accepted') (this.accepted[place] as number)++;
    else this.others.set(code, (this.others.get(code) ?? 0) + 1);
  }
}

/**
 * For each of several gateways the places of its tokens: each token stands with two of them, at
 * about the same time.
 */
export function twice(count: number, gateways: number): number[][] {
  const places: number[][] = Array.from({ length: gateways }, () => []);
  for (let i = 0; i < count; i++) {
    const first = i % gateways;
    const second = (first + 1 + (Math.floor(i / gateways) % (gateways - 1))) % gateways;
    places[first]?.push(i);
    places[second]?.push(i);
  }
  return places;
}
