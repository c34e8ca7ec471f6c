import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateKeys } from '../../../src/index.js';
import { ROOT } from '../../../tools/lib/process.mjs';
import { prepare } from './prepare.js';

const RUNNER = fileURLToPath(new URL('runner.mjs', import.meta.url));

/** Packages that a reader of the docs has installed. */
const INSTALLED = ['totp-token', '@xmpp/client', 'uqr'];

export const HOSTS = { 'example.com': generateKeys() };

export interface Module {
  readonly code: string;
  readonly given: readonly string[];
}

export interface Outcome {
  /** How many comments stated the right value. */
  readonly checks: number;
  readonly error?: string;
}

/** Makes a project that has the built package installed, and keys. */
export function makeProject(folder: string): void {
  for (const name of INSTALLED) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(name === 'totp-token' ? ROOT : join(ROOT, 'node_modules', name), link, 'junction');
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ hosts: HOSTS }));
}

let runs = 0;

/**
 * Runs modules in one process, in that project. `entries` are packages whose exports they need not
 * import.
 */
export async function runModules(
  folder: string,
  modules: readonly Module[],
  {
    entries = [],
    env = {},
  }: { entries?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome[]> {
  const id = ++runs;
  const plan = modules.map(({ code, given }, i) => {
    const path = join(folder, `run-${id}-${i}.js`);
    writeFileSync(path, prepare(code));
    return { path, given };
  });
  const [planFile, reportFile] = [
    join(folder, `plan-${id}.json`),
    join(folder, `report-${id}.json`),
  ];
  writeFileSync(planFile, JSON.stringify({ plan, entries }));
  const child = spawn(process.execPath, [RUNNER, planFile, reportFile], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`the runner ended with ${status}\n${output}`);
  return JSON.parse(readFileSync(reportFile, 'utf8'));
}
