/**
 * A pool of threads, by batch and by lines, agrees with the plain reference. It runs what is
 * published, from dist/.
 */
import fc from 'fast-check';
import { createVerifierPool } from '../../../dist/pool/index.js';
import type { Setup, Way } from '../agreement.js';
import type { FuzzTarget } from '../target.js';
import { byBatch, byLines, triesOf } from './token.js';

type Pool = Awaited<ReturnType<typeof createVerifierPool>>;
const opened: Pool[] = [];

async function waysOf({ options, rules }: Setup, clock: () => number): Promise<readonly Way[]> {
  // One thread: several take room in the guard for themselves, so its capacity is not to the token.
  const make = () =>
    createVerifierPool({ ...options, clock, threads: 1, prepareNames: rules.prepares });
  const [batch, lines] = await Promise.all([make(), make()]);
  opened.push(batch, lines);
  return [byBatch(batch), byLines(lines)];
}

export const target: FuzzTarget = {
  name: 'pool',
  testInputs: 30,
  seeds: [],
  words: [],
  inputs: fc.uint8Array({ maxLength: 400, size: 'max' }),
  open: () => triesOf(waysOf),
  close: () => Promise.all(opened.splice(0).map((pool) => pool.close())),
};
