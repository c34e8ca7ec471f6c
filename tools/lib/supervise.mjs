// Runs vitest so that nothing outlives it: in a session of its own, with a temporary folder of its
// own, and with a watchdog.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, tool } from './process.mjs';

/** How often a run looks whether who started it is there. */
const PARENT_MS = 500;

/**
 * A run of vitest, with its output on this terminal.
 *
 * Everything it starts has the name of the run's temporary folder in its environment, as TMPDIR.
 * When the run is over, or this process is killed, the watchdog ends what is left and removes the
 * folder.
 *
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 * @param {(env: Record<string, string>) => Promise<void>} [beside] Work for the time of the run, in
 *   processes with this environment: the run waits for it, unless a signal ended it.
 * @returns {Promise<number>} Its exit code: 128 and the number of the signal that ended it.
 */
export async function superviseVitest(args, env, beside = async () => {}) {
  // A short name: the path of a Unix socket has room for about 100 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'tt-'));
  // Servers that give up their rights, such as nginx as root, still reach their own folders below
  // it.
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
 * Gives the run the signals that this process gets, and ends it with who started this: npm gives a
 * signal to the shell that it runs scripts by, and that shell may end without passing it on.
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
