import { optionError } from '../errors.js';
import type { HostKeys } from '../index.js';
import { MAX_KEYS } from '../limits.js';
import { checkWindow, DEFAULT_PERIOD } from '../otp/options.js';
import type { EditedKey } from './edit-types.js';
import { instantText, type KeyringShape, type KeyTimes } from './shape.js';

/** How long the steps of a rotation take, in milliseconds. */
export interface RotationTimes {
  readonly nowMs: number;
  /** The time within which every program that uses the file has read it again. */
  readonly settleMs: number;
  /** How long a token is valid for the verifier with the widest window. */
  readonly lifetimeMs: number;
}

/** The stage of a host's rotation, and when the next step may follow. */
export type Stage =
  | { readonly at: 'steady' }
  /** A new key is accepted. It may sign after `afterMs`. */
  | { readonly at: 'accepted'; readonly index: number; readonly afterMs: number }
  /** The new key signs. The old keys may be removed after `afterMs`. */
  | { readonly at: 'signing'; readonly afterMs: number };

/**
 * How long a token with these rules is valid, in milliseconds: `(past + 1 + future) * period`. The
 * issuer's clock may be ahead by as many steps as the window has in the future.
 */
export function lifetimeOf({ period = DEFAULT_PERIOD, window }: KeyringShape): number {
  const { past, future } = checkWindow(window, 'window');
  return (past + 1 + future) * period * 1000;
}

/** The stage of a host, from the times beside its keys. */
export function stageOf(times: readonly KeyTimes[]): Stage {
  const retiring = times.map(({ retireAfter }) => retireAfter ?? 0);
  if (retiring.some(Boolean)) return { at: 'signing', afterMs: Math.max(...retiring) };
  const index = times.findIndex((each, i) => i > 0 && each.issueAfter !== undefined);
  if (index < 0) return { at: 'steady' };
  return { at: 'accepted', index, afterMs: times[index]!.issueAfter! };
}

/**
 * Adds a key at the end of a host's keys. It is accepted and does not sign.
 *
 * @param name - The name of the host in messages.
 * @throws {VerifierError} `ERR_OPTION`: the host already has the most keys that it may have.
 */
export function withAccepted(
  name: string,
  times: readonly KeyTimes[],
  keys: HostKeys,
  { nowMs, settleMs }: RotationTimes,
): readonly EditedKey[] {
  if (times.length >= MAX_KEYS) {
    throw optionError(name, `${times.length} keys, the most that a host may have`, 'remove one');
  }
  const isFirst = times.length === 0;
  const added = { from: undefined, keys, ...(isFirst ? {} : { issueAfter: nowMs + settleMs }) };
  return [...unchanged(times), added];
}

/**
 * Moves the new key to the front, so that it signs.
 *
 * @throws {VerifierError} `ERR_OPTION`: verifiers may not have the new key yet.
 */
export function withSigning(
  name: string,
  times: readonly KeyTimes[],
  { index, afterMs }: Extract<Stage, { at: 'accepted' }>,
  { nowMs, settleMs, lifetimeMs }: RotationTimes,
): readonly EditedKey[] {
  if (nowMs < afterMs) {
    throw optionError(
      name,
      `programs may not have read its new key before ${instantText(afterMs)}`,
      'wait until then',
    );
  }
  const retireAfter = nowMs + settleMs + lifetimeMs;
  const others = unchanged(times).filter((_, i) => i !== index);
  return [
    { from: index },
    ...others.map((key) => (key.from === 0 ? { ...key, retireAfter } : key)),
  ];
}

/**
 * Removes the keys whose tokens have all expired.
 *
 * @throws {VerifierError} `ERR_OPTION`: tokens of an old key may still be valid, or this is not
 *   known.
 */
export function withoutExpired(
  name: string,
  times: readonly KeyTimes[],
  nowMs: number,
): readonly EditedKey[] {
  const stage = stageOf(times);
  if (stage.at !== 'signing') {
    throw optionError(
      name,
      'no key was replaced by keys rotate, so it is not known whether tokens of a key are still valid',
      'rotate first; keys remove --key NUMBER removes a key and refuses its tokens at once',
    );
  }
  const kept = unchanged(times).filter(({ retireAfter = Infinity }) => nowMs < retireAfter);
  if (kept.length < times.length) return kept;
  throw optionError(
    name,
    `tokens of its old key may be valid until ${instantText(stage.afterMs)}`,
    'wait until then; for a key that leaked: keys remove --key NUMBER',
  );
}

export const unchanged = (times: readonly KeyTimes[]): readonly EditedKey[] =>
  times.map((each, from) => ({ ...each, from }));
