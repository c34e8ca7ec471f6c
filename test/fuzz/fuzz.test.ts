/**
 * Every target: inputs that once broke it, then what fast-check makes, then a search that coverage guides. The last two
 * take `TOTP_TOKEN_FUZZ_SECONDS` each, one by default; `npm run fuzz` sets more.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFuzz } from '../../tools/lib/fuzz.mjs';
import { ROOT } from '../../tools/lib/process.mjs';
import { allTargets } from './all-targets.js';
import { regressionsOf } from './regressions.js';

const seconds = Number(process.env.TOTP_TOKEN_FUZZ_SECONDS ?? 1);
const limit = { timeout: seconds * 1000 + 60_000 };

beforeAll(buildFuzz);

describe.each(await allTargets())('$name', async (target) => {
  const run = await target.open();
  afterAll(() => target.close?.());

  it('holds for what once broke it, and for its seeds', async () => {
    for (const input of [...regressionsOf(target.name), ...target.seeds]) await run(input);
  });

  it('holds for inputs of its kind', limit, async () => {
    let inputs = 0;
    await fc.assert(
      fc.asyncProperty(target.inputs, async (input) => {
        inputs++;
        await run(input);
      }),
      { numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false },
    );
    expect(inputs).toBeGreaterThan(0);
    process.stdout.write(`fuzz: ${target.name}, ${inputs} inputs of its kind\n`);
  });

  // What is published is not instrumented, so nothing could guide a search through the pool.
  if (target.seeds.length === 0) return;

  it('holds in a search that coverage guides', limit, async () => {
    const program = ['build/fuzz/guided.js', '--seconds', String(seconds), '--only', target.name];
    const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: ROOT });
    process.stdout.write(stdout.replace(/^(?=.)/gm, 'fuzz, guided: '));
    // It was guided: inputs were kept because they reached something.
    expect(stdout).toMatch(/[1-9]\d* places, [1-9]\d* inputs kept/);
  });
});
