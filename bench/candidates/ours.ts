import { freshCopy } from '../lib/fresh.js';
import { freshLibrary } from '../lib/library.js';
import type { Candidate } from '../lib/rounds.js';
import type * as Ways from '../ways/ways.js';
import type { Round } from '../workloads/round.js';
import type { World } from '../workloads/world.js';

/** The right verdict, and whether the tokens are shown once before the measurement. */
export interface Expectation {
  readonly code: number;
  readonly isShownBefore?: boolean;
}

export const ALL_ACCEPTED: Expectation = { code: 0 };

/** How the library is called, and with how many tokens in each call. */
export interface Asking {
  readonly by: 'call' | 'strings' | 'bytes';
  readonly size: number;
}

export function nameOf({ by, size }: Asking): string {
  if (by === 'call') return 'totp-token, one call, strings';
  return `totp-token, batches of ${size.toLocaleString('en')}, ${by}`;
}

/** The four-lane hash alone. */
export const KERNEL = 'the hash kernel alone';

/** The name of the figure that compares a way of asking with the kernel. */
export const overKernel = (asking: Asking): string => `${nameOf(asking)}, over ${KERNEL}`;

/** Makes a candidate with its own verifier and its own copy of the code. */
export async function ours(
  asking: Asking,
  world: World,
  expectation: Expectation,
): Promise<Candidate<Round>> {
  const { createVerifier } = await freshLibrary();
  const { oneCall, batchesOf, linesOf } = await freshCopy('ways')<typeof Ways>('ways');
  const { by, size } = asking;
  const ask = by === 'call' ? oneCall : by === 'strings' ? batchesOf(size) : linesOf(size);
  const verifier = await createVerifier({ hosts: world.hosts, clock: world.clock });
  const { code, isShownBefore } = expectation;
  return {
    name: nameOf(asking),
    kind: 'ours',
    multiple: size,
    takesAll: true,
    ready(round, items) {
      // Making batches and lines is not timed.
      if (by === 'strings') round.batches(size);
      if (by === 'bytes') round.lines(size);
      if (isShownBefore) ask(verifier, round, items, code);
    },
    turn: (round, items) => ask(verifier, round, items, code),
  };
}
