/**
 * Every target: inputs that once broke it, then what fast-check makes, then a search that coverage
 * guides. The last two try as many inputs as the target names, or go on for
 * `TOTP_TOKEN_FUZZ_SECONDS` each, which `npm run fuzz` sets.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFuzz } from '../../tools/lib/fuzz.mjs';
import { ROOT } from '../../tools/lib/process.mjs';
import { allTargets } from './all-targets.js';
import { regressionsOf } from './regressions.js';

const seconds = Number(process.env.TOTP_TOKEN_FUZZ_SECONDS ?? 0);
const limit = { timeout: seconds * 1000 + 300_000 };

beforeAll(buildFuzz);

/** What a program of searches prints, whether or not it found something. */
async function guided(...args: string[]): Promise<string> {
  const program = ['build/fuzz/guided.js', ...args];
  const run = promisify(execFile)(process.execPath, program, { cwd: ROOT });
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  return stdout + stderr;
}

let counted: Promise<string> | undefined;
/** A search of one target: for a time in a process of its own, or else all in one process. */
function searched(name: string): Promise<string> {
  if (seconds > 0) return guided('--seconds', String(seconds), '--only', name);
  counted ??= guided('--counted');
  return counted;
}

describe.each(await allTargets())('the fuzz target $name', async (target) => {
  const run = await target.open();
  afterAll(() => target.close?.());

  it('holds for its seeds and for inputs that once broke it', async () => {
    for (const input of [...regressionsOf(target.name), ...target.seeds]) await run(input);
  });

  it('holds for inputs of its kind', limit, async () => {
    let inputs = 0;
    const extent =
      seconds > 0
        ? {
            numRuns: 2 ** 31 - 1,
            interruptAfterTimeLimit: seconds * 1000,
            markInterruptAsFailure: false,
          }
        : { numRuns: target.testInputs };
    await fc.assert(
      fc.asyncProperty(target.inputs, async (input) => {
        inputs++;
        await run(input);
      }),
      extent,
    );
    if (seconds === 0) expect(inputs).toBe(target.testInputs);
    process.stdout.write(`fuzz: ${target.name}, ${inputs} inputs of its kind\n`);
  });

  // What is published is not instrumented, so nothing could guide a search through the pool.
  if (target.seeds.length === 0) return;

  it('holds in a search that coverage guides', limit, async () => {
    const said = await searched(target.name);
    const own = said.split('\n').filter((line) => line.startsWith(target.name.padEnd(12)));
    process.stdout.write(`fuzz, guided: ${/^seed .*/.exec(said)?.[0]}, ${own.join('')}\n`);
    expect(said).not.toMatch(new RegExp(`^${target.name}: `, 'm'));
    // It was guided: inputs were kept because they reached something.
    expect(own.join(''), said).toMatch(/[1-9]\d* places, [1-9]\d* inputs kept/);
  });
});
