import { randomBytes } from 'node:crypto';

/**
 * How many open attempts are kept: enough for a minute's outage at a thousand logins a second.
 * Beyond that, the oldest are dropped, and their marks count as used.
 */
const MOST_OPEN = 65_536;

/**
 * Numbers attempts, and remembers those whose outcome is not known.
 *
 * If an answer is lost, the mark may have been written, and the token is refused as
 * `guard-unavailable`. If the same token comes again, it continues the same attempt: it takes the
 * old number, and recognises its own mark. A number belongs to one call at a time. Once an answer
 * has come, it is not given out again. So two calls can never both be `fresh` by the same number.
 */
export class Attempts {
  readonly #open = new Map<string, { readonly value: string; readonly expiresAtMs: number }>();

  /** 63 random bits as a decimal number. A server stores such a value without extra memory. */
  static number(): string {
    return BigInt.asUintN(63, randomBytes(8).readBigUInt64LE()).toString();
  }

  /** Returns the attempt of a mark that was left open, or a new attempt with this number. */
  take(key: string, number: string): { value: string; mayBeKnown: boolean } {
    const open = this.#open.get(key);
    if (open === undefined) return { value: number, mayBeKnown: false };
    this.#open.delete(key);
    return { value: open.value, mayBeKnown: true };
  }

  /** Remembers an attempt whose outcome is not known. */
  leaveOpen(key: string, value: string, expiresAtMs: number, nowMs: number): void {
    for (const [oldest, { expiresAtMs: end }] of this.#open) {
      if (end > nowMs && this.#open.size < MOST_OPEN) break;
      this.#open.delete(oldest);
    }
    this.#open.set(key, { value, expiresAtMs });
  }
}
