import type { Verifier } from '../lib/library.js';
import type { Round } from '../workloads/round.js';

/**
 * A way of asking this library's verifier. Verifies the first `items` tokens of a round, and counts
 * the verdicts with one code, an index in `VERDICT_CODES`.
 */
export type Way = (verifier: Verifier, round: Round, items: number, code: number) => number;

const CODES = [
  'accepted',
  'malformed',
  'unknown-host',
  'wrong-otp',
  'bad-signature',
  'replayed',
] as const;
const ACCEPTED = 0;

export const oneCall: Way = (verifier, { jids, tokens }, items, code) => {
  const wanted = CODES[code];
  let count = 0;
  for (let i = 0; i < items; i++)
    if (verifier.verify(jids[i]!, tokens[i]!).code === wanted) count++;
  return count;
};

export function batchesOf(size: number): Way {
  return (verifier, round, items, code) => {
    const batches = round.batches(size);
    let count = 0;
    for (let i = 0; i < items / size; i++) {
      const { jids, tokens } = batches[i]!;
      count += countOf(verifier.verifyBatch(jids, tokens), code);
    }
    return count;
  };
}

export function linesOf(size: number): Way {
  return (verifier, round, items, code) => {
    const lines = round.lines(size);
    let count = 0;
    for (let i = 0; i < items / size; i++) count += countOf(verifier.verifyLines(lines[i]!), code);
    return count;
  };
}

function countOf(verdicts: ReturnType<Verifier['verifyBatch']>, code: number): number {
  if (code === ACCEPTED) return verdicts.accepted;
  let count = 0;
  for (const each of verdicts.codes) if (each === code) count++;
  return count;
}
