import { DurableObject } from 'cloudflare:workers';
import type { GuardAnswer, ReplayMark } from '../guard.js';

/** Most tokens of one step in one shard: 40 MB or so of the 10 GB that an object may hold. */
const CAPACITY = 1_000_000;
/** A step stays this much longer than it must, in milliseconds: a clock that is set back a little finds it. */
const MARGIN_MS = 10_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS steps (step INTEGER PRIMARY KEY, expires_at_ms INTEGER, count INTEGER);
  CREATE TABLE IF NOT EXISTS marks (step INTEGER, id TEXT, attempt INTEGER, PRIMARY KEY (step, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS floor (only INTEGER PRIMARY KEY CHECK (only = 0), step INTEGER);
  INSERT OR IGNORE INTO floor VALUES (0, -1)`;

/**
 * A shard of a guard: remembers which marks were shown to it. Export it from the worker and bind it, with SQLite as its
 * storage. Its answers leave only once what they stand on is stored: Cloudflare holds them back until then.
 *
 * What is dropped stays known: its step and all before it are `stale` for good, however the clock goes.
 */
export class ReplayShard extends DurableObject {
  #isReady = false;

  /**
   * As `ReplayGuard.remember`, called by `durableObjectGuard`.
   *
   * @param attempt - Who asks. Asked again by the same one, a mark that was `fresh` is `fresh`: its answer may have been lost.
   */
  async remember(marks: readonly ReplayMark[], attempt: number): Promise<GuardAnswer[]> {
    const nowMs = Date.now();
    this.#prepare();
    const answers = this.ctx.storage.transactionSync(() => {
      this.#dropOver(nowMs);
      const floor = this.#floor();
      return marks.map((mark) => {
        if (mark.expiresAtMs <= nowMs || mark.step <= floor) return 'stale';
        return this.#take(mark, attempt);
      });
    });
    // Nobody may ask for a while: what is over goes by itself.
    if ((await this.ctx.storage.getAlarm()) === null) await this.#setAlarm();
    return answers;
  }

  /** Called by the runtime. */
  async alarm(): Promise<void> {
    this.#prepare();
    this.ctx.storage.transactionSync(() => this.#dropOver(Date.now()));
    await this.#setAlarm();
  }

  #take({ step, id, expiresAtMs }: ReplayMark, attempt: number): GuardAnswer {
    const { sql } = this.ctx.storage;
    sql.exec(
      `INSERT INTO steps VALUES (?1, ?2, 0)
       ON CONFLICT (step) DO UPDATE SET expires_at_ms = ?2 WHERE expires_at_ms < ?2`,
      step,
      expiresAtMs,
    );
    const [known] = sql
      .exec<{ attempt: number }>('SELECT attempt FROM marks WHERE step = ? AND id = ?', step, id)
      .toArray();
    if (known !== undefined) return known.attempt === attempt ? 'fresh' : 'replayed';
    const [{ count } = { count: 0 }] = sql
      .exec<{ count: number }>('SELECT count FROM steps WHERE step = ?', step)
      .toArray();
    if (count >= CAPACITY) return 'unavailable';
    sql.exec('INSERT INTO marks VALUES (?, ?, ?)', step, id, attempt);
    sql.exec('UPDATE steps SET count = count + 1 WHERE step = ?', step);
    return 'fresh';
  }

  #dropOver(nowMs: number): void {
    const { sql } = this.ctx.storage;
    const over = sql
      .exec<{ step: number }>('SELECT step FROM steps WHERE expires_at_ms + ? <= ?', MARGIN_MS, nowMs)
      .toArray();
    for (const { step } of over) {
      sql.exec('UPDATE floor SET step = max(step, ?)', step);
      sql.exec('DELETE FROM marks WHERE step = ?', step);
      sql.exec('DELETE FROM steps WHERE step = ?', step);
    }
  }

  #floor(): number {
    const [row] = this.ctx.storage.sql.exec<{ step: number }>('SELECT step FROM floor').toArray();
    return row?.step ?? -1;
  }

  async #setAlarm(): Promise<void> {
    const { storage } = this.ctx;
    const [{ next } = { next: null }] = storage.sql
      .exec<{ next: number | null }>('SELECT min(expires_at_ms) AS next FROM steps')
      .toArray();
    if (next !== null) await storage.setAlarm(next + MARGIN_MS);
  }

  #prepare(): void {
    if (this.#isReady) return;
    this.ctx.storage.sql.exec(TABLES);
    this.#isReady = true;
  }
}
