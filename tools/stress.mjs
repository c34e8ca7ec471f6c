// Runs the tests repeatedly while other processes occupy all cores, each time with another order of
// files.
//
//   npm run test:stress [-- --runs N] [--seed N] [arguments for vitest]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureServers } from './lib/install.mjs';
import { forgetOutcome, outcomeFile, readOutcome, sayCounts } from './lib/outcome.mjs';
import { program, seconds } from './lib/process.mjs';
import { superviseVitest } from './lib/supervise.mjs';

/** Busy processes for each core. */
const BUSY_PER_CORE = 2;

/**
 * A busy process ends when its pipe to this process closes, for any reason. It checks between two
 * pieces of work.
 */
const BUSY = `
process.stdin.resume().on('end', () => process.exit());
const work = () => {
  for (const end = Date.now() + 20; Date.now() < end; );
  setImmediate(work);
};
work();
process.stdout.write('busy');
`;

const { values, tokens } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, seed: { type: 'string' } },
  strict: false,
  tokens: true,
});
const own = new Set(
  tokens.flatMap((token) =>
    token.kind === 'option' && ['runs', 'seed'].includes(token.name)
      ? [token.index, ...(token.inlineValue === false ? [token.index + 1] : [])]
      : [],
  ),
);
const args = process.argv.slice(2).filter((_, i) => !own.has(i));
const runs = Number(values.runs);
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000);

async function occupy() {
  const busy = Array.from({ length: BUSY_PER_CORE * availableParallelism() }, () =>
    spawn(process.execPath, ['--eval', BUSY], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(busy.map((child) => once(child.stdout, 'data')));
  process.stdout.write(`${busy.length} busy processes\n`);
  return () => {
    for (const child of busy) child.kill();
  };
}

void program(async () => {
  await ensureServers();
  const relax = await occupy();
  const results = [];
  try {
    for (let i = 0; i < runs; i++) {
      const kind = `stress-${i + 1}`;
      const seed = firstSeed + i;
      process.stdout.write(`run ${i + 1} of ${runs}, seed ${seed}\n`);
      forgetOutcome(kind);
      const order = ['--sequence.shuffle.files', `--sequence.seed=${seed}`, '--project', 'fast*'];
      const startedMs = performance.now();
      const code = await superviseVitest(['--reporter=./tools/reporter.mjs', ...order, ...args], {
        TOTP_TOKEN_COUNTS: outcomeFile(kind),
      });
      results.push({ kind, seed, code, ms: performance.now() - startedMs });
      // A signal ended the run. It was meant for all runs.
      if (code > 128) break;
    }
  } finally {
    relax();
  }
  for (const { kind, seed, code, ms } of results) {
    const { passed = 0, failed = 0 } = readOutcome(kind) ?? {};
    const end = code === 0 ? '' : `, exit code ${code}`;
    process.stdout.write(
      `seed ${seed}: ${passed} passed, ${failed} failed, ${seconds(ms)}${end}\n`,
    );
  }
  sayCounts(results.map(({ kind }) => kind));
  if (results.length < runs || results.some(({ code }) => code !== 0)) process.exitCode = 1;
});
