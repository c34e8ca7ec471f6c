/**
 * Inputs that once broke something, `regressions/TARGET/HASH.bin`, and what searches keep between
 * runs.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../tools/lib/process.mjs';

const REGRESSIONS = join(ROOT, 'test', 'fuzz', 'regressions');
const CORPUS = join(ROOT, 'build', 'fuzz-corpus');

const nameOf = (input: Uint8Array) =>
  `${createHash('sha256').update(input).digest('hex').slice(0, 16)}.bin`;

function inputsIn(folder: string): Uint8Array[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(folder, name))));
}

export const regressionsOf = (target: string): Uint8Array[] => inputsIn(join(REGRESSIONS, target));

/** Keeps an input, and says where. */
export function keepRegression(target: string, input: Uint8Array): string {
  const folder = join(REGRESSIONS, target);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, nameOf(input)), input);
  return join('test', 'fuzz', 'regressions', target, nameOf(input));
}

export const corpusOf = (target: string): Uint8Array[] => inputsIn(join(CORPUS, target));

export function keepCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const folder = join(CORPUS, target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) writeFileSync(join(folder, nameOf(input)), input);
}
