// Runs vitest so that nothing remains after it: in its own session, with its own temporary folder,
// and with a watchdog.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, tool } from './process.mjs';

/** How often a run checks that the process that started it still exists. */
const PARENT_MS = 500;

/**
 * Runs vitest with its output on this terminal.
 *
 * All processes of the run have the run's temporary folder in their environment, as TMPDIR. When
 * the run is over, or this process is killed, the watchdog ends the remaining processes and removes
 * the folder.
 *
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 * @param {(env: Record<string, string>) => Promise<void>} [beside] Work to do during the run, in
 *   processes with this environment. The run waits for it, unless a signal ended the run.
 * @returns {Promise<number>} Its exit code: 128 and the number of the signal that ended it.
 */
export async function superviseVitest(args, env, beside = async () => {}) {
  // A short name: the path of a Unix socket has room for about 100 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'tt-'));
  // Servers that drop their rights, such as nginx started as root, must still reach their own
  // folders below it.
  chmodSync(folder, 0o711);
  const mark = { TMPDIR: folder, TMP: folder, TEMP: folder };
  const vitest = tool('vitest', ['run', ...args]);
  const child = spawn(vitest.file, vitest.args, {
    cwd: ROOT,
    env: { ...process.env, ...env, ...mark },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  });
  const watchdog = spawn(
    process.execPath,
    [join(ROOT, 'tools', 'lib', 'watchdog.mjs'), folder, `${child.pid}`],
    { stdio: ['pipe', 'ignore', 'inherit'], detached: true },
  );
  /** @type {Promise<void>} */
  const cleaned = new Promise((resolve) => watchdog.on('close', () => resolve()));
  const forget = passOn(child);
  const work = beside(mark);
  const code = await ended(child);
  if (code <= 128) await work;
  forget();
  watchdog.stdin.end();
  await cleaned;
  return code;
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<number>} */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']),
    );
  });
}

/**
 * Passes signals on to the run, and ends the run when the parent of this process ends. npm sends
 * signals to the shell that runs its scripts, and that shell may end without passing them on.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function passOn(child) {
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const take = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, take);
  const parent = process.ppid;
  const look = () => process.ppid === parent || child.kill('SIGTERM');
  const timer = process.env.npm_lifecycle_event ? setInterval(look, PARENT_MS) : undefined;
  return () => {
    clearInterval(timer);
    for (const signal of signals) process.off(signal, take);
  };
}
