import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplayMark } from '../../src/index.js';
import { median } from '../lib/statistics.js';
import type { Drop } from './results.js';
import { lmdbGuards } from './stores.js';

const PERIOD_MS = 30_000;
/**
 * So many steps later, all earlier steps are over, including the extra time for which a store keeps
 * them.
 */
const FAR_STEPS = 12;
const AT_A_TIME = 1000;

/**
 * Measures the first token of a step in LMDB, with and without an old step to drop. The clock is
 * simulated.
 */
export async function measureDrop(marks: number, rounds: number): Promise<Drop> {
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-bench-drop-'));
  let step = 60_000_000;
  const createLmdbGuard = await lmdbGuards();
  const guard = await createLmdbGuard({
    path: join(folder, 'store'),
    clock: () => step * PERIOD_MS,
  });
  const marksOf = (count: number): ReplayMark[] =>
    Array.from({ length: count }, () => ({
      id: randomBytes(12).toString('base64'),
      step,
      startsAtMs: (step - 1) * PERIOD_MS,
      expiresAtMs: (step + 2) * PERIOD_MS,
      keepUntilMs: (step + 11) * PERIOD_MS,
    }));
  const first = async () => {
    step += FAR_STEPS;
    const began = performance.now();
    await guard.remember(marksOf(1));
    return performance.now() - began;
  };
  const [withDrop, without]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (let done = 0; done < marks; done += AT_A_TIME) await guard.remember(marksOf(AT_A_TIME));
    withDrop.push(await first());
    without.push(await first());
  }
  await guard.close();
  rmSync(folder, { recursive: true, force: true });
  const ms = (sample: readonly number[]) => Number(median(sample).toFixed(2));
  return { marks, withDropMs: ms(withDrop), withoutMs: ms(without) };
}
