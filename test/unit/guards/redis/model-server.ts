/** A Redis server in the memory of a test: the commands that a guard sends it, and ways to forget. */
import { dropAtMs } from '../../../../src/guards/guard.js';
import { markUntil } from '../marks.js';

const STARTED_MS = 1_770_000_000_000;
const SECOND_MS = 1000;
/** Redis knows its start and the present for this by `time(2)`. */
const secondOf = (timeMs: number) => Math.floor(timeMs / SECOND_MS);
/** A token that was good before the server's clock says `STARTED_MS`, and is good for a minute more. */
export const MARK = markUntil('abcdefghijkl+/Az', 58_900_000, STARTED_MS + 60 * SECOND_MS);

/** Ways in which a server loses what it knew. It happens a second later, or minutes for the last one. */
export type Loss = 'is emptied' | 'is restarted' | 'evicts keys' | 'outlives the mark';

export class ModelServer {
  readonly #keys = new Map<string, { readonly value: string; endMs: number }>();
  #runs = 1;
  #startedAtMs: number;
  #evictedKeys = 0;
  #nowMs: number;
  /** Which number each value has that was ever written: values are random, and states are not. */
  readonly #names = new Map<string, number>();

  /** @param nowMs - Its time, which passes only when the test moves it. */
  constructor(nowMs = STARTED_MS) {
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs - 60 * SECOND_MS;
  }

  moveClock(byMs: number): void {
    this.#nowMs += byMs;
  }

  reply([name, key = '', ...rest]: readonly string[]): unknown {
    switch (name) {
      case 'SET':
        return this.#set(key, rest);
      case 'GET':
        return this.#known(key)?.value ?? null;
      case 'PEXPIREAT': {
        const known = this.#known(key);
        if (known !== undefined) known.endMs = Number(rest[0]);
        return known === undefined ? 0 : 1;
      }
      case 'TIME':
        return [`${Math.floor(this.#nowMs / SECOND_MS)}`, `${(this.#nowMs % SECOND_MS) * 1000}`];
      case 'CONFIG':
        return [key, 'no'];
      case 'INFO':
        return [
          'role:master',
          'maxmemory_policy:noeviction',
          `run_id:${this.#runs}`,
          `uptime_in_seconds:${secondOf(this.#nowMs) - secondOf(this.#startedAtMs)}`,
          'aof_enabled:0',
          `evicted_keys:${this.#evictedKeys}`,
          '',
        ].join('\r\n');
      default:
        throw new Error(`the model knows no ${name}`);
    }
  }

  lose(loss: Loss): void {
    if (loss === 'outlives the mark') {
      this.#nowMs = dropAtMs(MARK.keepUntilMs) + SECOND_MS;
      return;
    }
    this.#nowMs += SECOND_MS;
    if (loss === 'evicts keys') {
      const before = this.#keys.size;
      for (const key of this.#keys.keys()) if (!key.endsWith('creation')) this.#keys.delete(key);
      this.#evictedKeys += before - this.#keys.size;
      return;
    }
    this.#keys.clear();
    if (loss === 'is emptied') return;
    this.#runs++;
    this.#startedAtMs = this.#nowMs;
    this.#evictedKeys = 0;
  }

  /** A reply as a state has it. */
  nameOf(reply: unknown): string {
    return String(this.#names.get(reply as string) ?? reply);
  }

  state(): string {
    const keys = [...this.#keys].map(([key, { value }]) => `${key}=${this.nameOf(value)}`);
    return `${this.#runs} ${this.#evictedKeys} ${this.#nowMs - STARTED_MS} ${keys.sort()}`;
  }

  #set(key: string, [value = '', , , end]: readonly string[]): 'OK' | null {
    if (this.#known(key) !== undefined) return null;
    if (!this.#names.has(value)) this.#names.set(value, this.#names.size);
    if (Number(end) > this.#nowMs) this.#keys.set(key, { value, endMs: Number(end) });
    return 'OK';
  }

  #known(key: string) {
    const known = this.#keys.get(key);
    return known !== undefined && known.endMs > this.#nowMs ? known : undefined;
  }
}
