import { randomBytes } from 'node:crypto';

/**
 * Enough for a minute's outage at a thousand logins a second; beyond, the oldest are dropped, and
 * count as used.
 */
const MOST_OPEN = 65_536;

/**
 * Numbers for attempts, and the ones whose outcome is not known.
 *
 * When an answer was lost, the mark may be written, and the token was refused as
 * `guard-unavailable`. If the same token comes again, it is the same attempt: it takes the old
 * number, and finds itself. A number is given to one at a time, and for good once an answer has
 * come, so two can never both be `fresh` by it.
 */
export class Attempts {
  readonly #open = new Map<string, { readonly value: string; readonly expiresAtMs: number }>();

  /** 63 random bits as a decimal number, which a server stores without memory of its own. */
  static number(): string {
    return BigInt.asUintN(63, randomBytes(8).readBigUInt64LE()).toString();
  }

  /** For a mark: the attempt that was left open, or a new one with this number. */
  take(key: string, number: string): { value: string; mayBeKnown: boolean } {
    const open = this.#open.get(key);
    if (open === undefined) return { value: number, mayBeKnown: false };
    this.#open.delete(key);
    return { value: open.value, mayBeKnown: true };
  }

  /** Remembers an attempt whose outcome nobody knows. */
  leaveOpen(key: string, value: string, expiresAtMs: number, nowMs: number): void {
    for (const [oldest, { expiresAtMs: end }] of this.#open) {
      if (end > nowMs && this.#open.size < MOST_OPEN) break;
      this.#open.delete(oldest);
    }
    this.#open.set(key, { value, expiresAtMs });
  }
}
