// Runs other programs and reports their outcome. It has no dependencies, because it is needed
// before `npm ci`.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The repository's folder, which need not be the current one. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A step that failed and has printed why. `exitCode` is the exit code of the whole run. */
export class StepFailed extends Error {
  /** @param {string} step @param {number} exitCode */
  constructor(step, exitCode) {
    super(`${step} failed (exit code ${exitCode})`);
    this.exitCode = exitCode;
  }
}

/**
 * The command that runs npm. npm tells its scripts its own path. Running that file with this Node
 * needs no shell, which Windows would require for `npm.cmd`.
 *
 * @param {readonly string[]} args
 */
export function npm(args) {
  const script = process.env.npm_execpath ?? '';
  if (/[\\/]npm-cli\.[cm]?js$/.test(script))
    return { file: process.execPath, args: [script, ...args], shell: false };
  if (process.platform !== 'win32') return { file: 'npm', args: [...args], shell: false };
  return { file: 'npm', args: args.map((arg) => `"${arg}"`), shell: true };
}

/**
 * The command that runs a tool of node_modules with this Node, found through the tool's own
 * package.json: the links in node_modules/.bin are shell scripts on Windows.
 *
 * @param {string} packageName
 * @param {readonly string[]} args
 * @param {string} [bin] The name of the tool, if it differs from the package's.
 */
export function tool(packageName, args, bin = packageName.replace(/^@.*\//, '')) {
  const folder = join(ROOT, 'node_modules', packageName);
  const declared = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin;
  const path = typeof declared === 'string' ? declared : declared[bin];
  return { file: process.execPath, args: [join(folder, path), ...args], shell: false };
}

/**
 * Runs a command in the repository's folder and waits for it.
 *
 * A quiet step prints one line if it succeeds, after its warnings if there are any. It prints its
 * output only if it fails. A loud step uses the terminal itself.
 *
 * @param {string} name The name of the step in the output.
 * @param {{ file: string, args: string[], shell: boolean }} command
 * @param {{ loud?: boolean, env?: Record<string, string> }} [options]
 * @throws {StepFailed} The command could not be started, or its exit code was not 0.
 */
export function step(name, command, { loud = false, env = {} } = {}) {
  const startedMs = performance.now();
  const { status, signal, error, stdout, stderr } = spawnSync(command.file, command.args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    shell: command.shell,
    stdio: loud ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0)
    fail(name, { status, signal, error, stdout: stdout ?? '', stderr: stderr ?? '' });
  if (!loud) succeed(name, startedMs, stderr);
}

/**
 * Runs a quiet step asynchronously, so that others can run beside it.
 *
 * @param {string} name
 * @param {{ file: string, args: string[], shell: boolean }} command
 * @param {Record<string, string>} [env]
 * @throws {StepFailed} As `step`.
 */
export async function startStep(name, command, env = {}) {
  const startedMs = performance.now();
  const child = spawn(command.file, command.args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    shell: command.shell,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @type {Promise<{ status: number | null, signal: string | null, error?: Error }>} */
  const end = new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: null, signal: null, error }));
    child.on('close', (status, signal) => resolve({ status, signal }));
  });
  const [ended, stdout, stderr] = await Promise.all([end, text(child.stdout), text(child.stderr)]);
  if (ended.status !== 0) fail(name, { ...ended, stdout, stderr });
  succeed(name, startedMs, stderr);
}

/**
 * @param {string} name
 * @param {{ status: number | null, signal: string | null, error?: Error | undefined, stdout: string, stderr: string }} end
 * @returns {never}
 */
function fail(name, { status, signal, error, stdout, stderr }) {
  process.stderr.write(`${stdout}${stderr}`);
  if (error) process.stderr.write(`${error.message}\n`);
  if (signal) process.stderr.write(`ended by ${signal}\n`);
  throw new StepFailed(name, status ?? 1);
}

/** @param {string} name @param {number} startedMs @param {string} stderr */
function succeed(name, startedMs, stderr) {
  if (/\bwarning\b/i.test(stderr)) process.stderr.write(stderr);
  // A test that builds something prints no line.
  if (process.env.VITEST) return;
  process.stdout.write(`✓ ${name} (${seconds(performance.now() - startedMs)})\n`);
}

/** A time for people: `2.8 s`. @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs `main` as a whole program: a failed step ends it with that step's exit code and no stack
 * trace.
 *
 * @param {() => void | Promise<void>} main
 */
export async function program(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`✗ ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
