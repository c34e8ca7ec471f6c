/**
 * The search that coverage guides, a program: `npm run fuzz`. Counters in the TypeScript of src/
 * and in the Wasm core tell which inputs reach something new. Not guided by what comparisons
 * compare: `words` stand in for that.
 *
 *   --seconds N   for each target, default 60
 *   --counted     instead as many inputs a target as `npm test` tries, without what earlier
 *   searches kept --only NAME   this target
 *   --seed N      of the mutations
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '../../tools/testbed/random.js';
import { allTargets } from './all-targets.js';
import { corpusOf, keepCorpus, keepRegression, regressionsOf } from './regressions.js';
import { search, smallest } from './search.js';
import type { FuzzTarget } from './target.js';
import { watchdog } from './watchdog.js';

/** One input takes milliseconds. Where inputs are counted, a machine may be as slow as it likes. */
const HANG_MS = { timed: 20_000, counted: 240_000 };

export async function main(hit: Uint8Array): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      counted: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    },
  });
  // The others have no instrumented code to guide a search.
  const targets = (await allTargets()).filter(({ seeds }) => seeds.length > 0);
  const chosen = targets.filter(({ name }) => values.only?.includes(name) ?? true);
  const { told, stop } = watchdog(values.counted ? HANG_MS.counted : HANG_MS.timed);
  process.stdout.write(`seed ${values.seed}\n`);
  const seconds = values.counted ? undefined : Number(values.seconds);
  for (const target of chosen)
    await searchIn(target, hit, { seconds, seed: Number(values.seed), told });
  await stop();
}

async function searchIn(
  target: FuzzTarget,
  hit: Uint8Array,
  options: { seconds: number | undefined; seed: number; told: (input: Uint8Array) => void },
): Promise<void> {
  const { name } = target;
  const { seconds, seed, told } = options;
  const startedMs = performance.now();
  const isOver = (inputs: number) =>
    seconds === undefined
      ? inputs >= target.testInputs
      : performance.now() - startedMs >= seconds * 1000;
  const known = [...regressionsOf(name), ...(seconds === undefined ? [] : corpusOf(name))];
  const random = seededRandom(seed);
  const { inputs, places, kept, broken } = await search(target, known, hit, {
    isOver,
    random,
    told,
  });
  const took = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(
    `${name.padEnd(12)} ${inputs} inputs in ${took} s, ${places} places, ${kept.length} inputs kept\n`,
  );
  if (broken === undefined) {
    if (seconds !== undefined) keepCorpus(name, kept);
  } else {
    const file = keepRegression(name, await smallest(await target.open(), broken.input));
    process.stderr.write(`${name}: ${file} breaks it: ${(broken.error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
