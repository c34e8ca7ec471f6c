// A process beside a test run. It waits until the runner has ended for any reason. Then it ends all
// processes of the run and removes its temporary folder. A killed runner cannot do that itself.
//
//   node tools/lib/watchdog.mjs FOLDER SESSION    its stdin is a pipe whose other end the runner
//   alone holds
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from './processes.mjs';

/** How long a process has to end by itself after its run, and again after SIGTERM. */
const GRACE_MS = 2000;
/** The watchdog gives up after this time. */
const LONGEST_MS = 9000;
const LOOK_MS = 50;

const [folder = '', session = ''] = process.argv.slice(2);
const groups = new Set([Number(session)]);

/** @param {number} pid @param {NodeJS.Signals} signal */
function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has already ended.
  }
}

/**
 * Waits until no process is left. @param {number} untilMs @param {NodeJS.Signals} [signal] Sent to
 * each process.
 */
async function wait(untilMs, signal) {
  for (;;) {
    const left = processesOf(folder, groups);
    if (left.length === 0 || performance.now() > untilMs) return left;
    if (signal) for (const { pid } of left) signalTo(pid, signal);
    await sleep(LOOK_MS);
  }
}

process.stdin.resume().on('end', async () => {
  const start = performance.now();
  const left = await wait(start + GRACE_MS);
  for (const { pid } of left) signalTo(pid, 'SIGTERM');
  await wait(start + 2 * GRACE_MS);
  await wait(start + LONGEST_MS, 'SIGKILL');
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const names = left.map(({ name, pid }) => `${name} (${pid})`);
  if (names.length > 0)
    process.stderr.write(`left behind by the tests, and ended: ${names.join(', ')}\n`);
});
