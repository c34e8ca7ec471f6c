import { optionError } from '../errors.js';
import type { HostKeys } from '../index.js';
import { MAX_KEYS } from '../limits.js';
import { checkWindow, DEFAULT_PERIOD } from '../otp/options.js';
import type { EditedKey } from './edit-types.js';
import { instantText, type KeyringShape, type KeyTimes } from './shape.js';

/** How long the steps of a rotation take, in milliseconds. */
export interface RotationTimes {
  readonly nowMs: number;
  /** In which every program that uses the file has read it again. */
  readonly settleMs: number;
  /** How long a token is good for the verifier with the widest window. */
  readonly lifetimeMs: number;
}

/** How far a host has come in changing its keys, and when it may go on. */
export type Stage =
  | { readonly at: 'steady' }
  /** A new key is accepted. It may sign after `afterMs`. */
  | { readonly at: 'accepted'; readonly index: number; readonly afterMs: number }
  /** The new key signs. The old ones may go after `afterMs`. */
  | { readonly at: 'signing'; readonly afterMs: number };

/**
 * How long a token of these rules is good, in milliseconds: `(past + 1 + future) * period`, since
 * the issuer's clock may be ahead by as many steps as the window has in the future.
 */
export function lifetimeOf({ period = DEFAULT_PERIOD, window }: KeyringShape): number {
  const { past, future } = checkWindow(window, 'window');
  return (past + 1 + future) * period * 1000;
}

/** Where a host stands, by the times beside its keys. */
export function stageOf(times: readonly KeyTimes[]): Stage {
  const retiring = times.map(({ retireAfter }) => retireAfter ?? 0);
  if (retiring.some(Boolean)) return { at: 'signing', afterMs: Math.max(...retiring) };
  const index = times.findIndex((each, i) => i > 0 && each.issueAfter !== undefined);
  if (index < 0) return { at: 'steady' };
  return { at: 'accepted', index, afterMs: times[index]!.issueAfter! };
}

/**
 * A host's keys with one more at their end, which is accepted and does not sign.
 *
 * @param name - What to call the host in messages.
 * @throws {VerifierError} `ERR_OPTION`: it has as many keys as it may have.
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
 * A host's keys after the new one has begun to sign.
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
 * A host's keys without those whose tokens have all expired.
 *
 * @throws {VerifierError} `ERR_OPTION`: tokens of an old key can still be good, or nobody can say.
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
      'no key that was replaced by keys rotate, so nobody can say whether tokens of one are good',
      'rotate first; keys remove --key NUMBER takes a key out at once, with its tokens',
    );
  }
  const kept = unchanged(times).filter(({ retireAfter = Infinity }) => nowMs < retireAfter);
  if (kept.length < times.length) return kept;
  throw optionError(
    name,
    `tokens of its old key can be good until ${instantText(stage.afterMs)}`,
    'wait until then; for a key that leaked: keys remove --key NUMBER',
  );
}

export const unchanged = (times: readonly KeyTimes[]): readonly EditedKey[] =>
  times.map((each, from) => ({ ...each, from }));
