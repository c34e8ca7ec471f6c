import { DurableObject } from 'cloudflare:workers';
import {
  dropAtMs,
  type GuardAnswer,
  isKeepable,
  isOver,
  mayDrop,
  type ReplayMark,
} from '../guard.js';

/**
 * The most tokens of one step in one shard. They take about 40 MB of the 10 GB that an object may
 * hold.
 */
const CAPACITY = 1_000_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS generations (step INTEGER PRIMARY KEY, keep_until_ms INTEGER, count INTEGER);
  CREATE TABLE IF NOT EXISTS marks (step INTEGER, id TEXT, attempt INTEGER, PRIMARY KEY (step, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS dropped (only INTEGER PRIMARY KEY CHECK (only = 0), keep_until_ms INTEGER);
  INSERT OR IGNORE INTO dropped VALUES (0, 0)`;

/**
 * One shard of a guard. Remembers the marks that it was asked about. Export it from the worker and
 * bind it, with SQLite as its storage. Cloudflare holds each answer back until the writes before it
 * are stored.
 *
 * The latest end of all dropped marks is stored. Marks that ended by then are `stale` for good,
 * even if the clock is set back.
 */
export class ReplayShard extends DurableObject {
  #isReady = false;

  /**
   * As `ReplayGuard.remember`, called by `durableObjectGuard`.
   *
   * @param attempt - Identifies the caller's attempt. If the same attempt asks again, a mark that
   *   was `fresh` is `fresh` again, because the answer may have been lost.
   */
  async remember(marks: readonly ReplayMark[], attempt: number): Promise<GuardAnswer[]> {
    const nowMs = Date.now();
    this.#prepare();
    const answers = this.ctx.storage.transactionSync(() => {
      this.#dropOver(nowMs);
      const droppedMs = this.#droppedMs();
      const taken = new Set<string>();
      return marks.map((mark): GuardAnswer => {
        if (!isKeepable(mark)) return 'unavailable';
        // Marks within one call all have the same attempt, so duplicates are found here.
        const isTwice = taken.size === taken.add(`${mark.step} ${mark.id}`).size;
        if (isTwice) return 'replayed';
        return isOver(mark, nowMs, droppedMs) ? 'stale' : this.#take(mark, attempt);
      });
    });
    // The alarm drops old marks even if nobody asks for a while.
    if ((await this.ctx.storage.getAlarm()) === null) await this.#setAlarm();
    return answers;
  }

  /** Called by the runtime. */
  async alarm(): Promise<void> {
    this.#prepare();
    this.ctx.storage.transactionSync(() => this.#dropOver(Date.now()));
    await this.#setAlarm();
  }

  #take({ step, id, keepUntilMs }: ReplayMark, attempt: number): GuardAnswer {
    const { sql } = this.ctx.storage;
    sql.exec(
      `INSERT INTO generations VALUES (?1, ?2, 0)
       ON CONFLICT (step) DO UPDATE SET keep_until_ms = ?2 WHERE keep_until_ms < ?2`,
      step,
      keepUntilMs,
    );
    const [known] = sql
      .exec<{ attempt: number }>('SELECT attempt FROM marks WHERE step = ? AND id = ?', step, id)
      .toArray();
    if (known !== undefined) return known.attempt === attempt ? 'fresh' : 'replayed';
    const [{ count } = { count: 0 }] = sql
      .exec<{ count: number }>('SELECT count FROM generations WHERE step = ?', step)
      .toArray();
    if (count >= CAPACITY) return 'unavailable';
    sql.exec('INSERT INTO marks VALUES (?, ?, ?)', step, id, attempt);
    sql.exec('UPDATE generations SET count = count + 1 WHERE step = ?', step);
    return 'fresh';
  }

  #dropOver(nowMs: number): void {
    const { sql } = this.ctx.storage;
    const all = sql
      .exec<{ step: number; keep_until_ms: number }>('SELECT step, keep_until_ms FROM generations')
      .toArray();
    for (const { step, keep_until_ms } of all) {
      if (!mayDrop(keep_until_ms, nowMs)) continue;
      sql.exec('UPDATE dropped SET keep_until_ms = max(keep_until_ms, ?)', keep_until_ms);
      sql.exec('DELETE FROM marks WHERE step = ?', step);
      sql.exec('DELETE FROM generations WHERE step = ?', step);
    }
  }

  #droppedMs(): number {
    const [row] = this.ctx.storage.sql
      .exec<{ keep_until_ms: number }>('SELECT keep_until_ms FROM dropped')
      .toArray();
    // Without this row, it is not known what was dropped.
    return row?.keep_until_ms ?? Number.POSITIVE_INFINITY;
  }

  async #setAlarm(): Promise<void> {
    const { storage } = this.ctx;
    const [{ next } = { next: null }] = storage.sql
      .exec<{ next: number | null }>('SELECT min(keep_until_ms) AS next FROM generations')
      .toArray();
    if (next !== null) await storage.setAlarm(dropAtMs(next));
  }

  #prepare(): void {
    if (this.#isReady) return;
    const { sql } = this.ctx.storage;
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'floor'").toArray().length > 0) {
      throw new Error(
        'this object is of another version of totp-token; give the guard another prefix',
      );
    }
    sql.exec(TABLES);
    this.#isReady = true;
  }
}
