// Runs the bench in every runtime, one after the other. Each run is quick and saves its results.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, StepFailed, step } from './process.mjs';

const PACKAGES = join(ROOT, 'test', 'runtimes', 'npm', 'node_modules');
const MAIN = join(ROOT, 'build', 'bench', 'main.js');
const { platform, arch } = process;
// The names that Bun and Deno use for their packages.
const BUN = `bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`;
const DENO = `${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;

/**
 * The runtimes. Each has its program in the packages that the tests use, and its arguments up to
 * the file that it runs.
 */
const RUNTIMES = [
  ...[20, 22, 24, 26].map((major) => ({
    name: `Node ${major}`,
    file: join(PACKAGES, `node-${major}-${platform}-${arch}`, 'bin', 'node'),
    args: ['--expose-gc', MAIN],
  })),
  { name: 'Bun', file: join(PACKAGES, '@oven', BUN, 'bin', 'bun'), args: [MAIN] },
  { name: 'Deno', file: join(PACKAGES, '@deno', DENO, 'deno'), args: ['run', '-A', MAIN] },
  { name: 'Chromium', file: process.execPath, args: [MAIN, '--chromium'] },
];

/**
 * Runs all runtimes that are installed, even if one of them fails.
 *
 * @param {readonly string[]} args Arguments for each of them, besides --quick.
 * @throws {StepFailed} A runtime failed or is not installed.
 */
export function benchRuntimes(args) {
  const faults = [];
  for (const { name, file, args: before } of RUNTIMES) {
    if (!existsSync(file)) {
      faults.push(`${name} is not installed`);
      continue;
    }
    process.stdout.write(`${name}\n`);
    try {
      step(
        name,
        { file, args: [...before, '--quick', ...args], shell: false },
        { loud: true, env: { DENO_NO_UPDATE_CHECK: '1' } },
      );
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      faults.push(error.message);
    }
  }
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) throw new StepFailed('bench in every runtime', 1);
}
