import { Worker } from 'node:worker_threads';

const MAX_BYTES = 1 << 16;

/** Runs in the thread: prints an input that has been at work for too long, and ends the process. */
const THREAD = `
const { workerData: { shared, limitMs } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const head = new Int32Array(shared, 0, 2);
let [before, sinceMs] = [-1, Date.now()];
setInterval(() => {
  const now = Atomics.load(head, 0);
  if (now !== before) [before, sinceMs] = [now, Date.now()];
  else if (Date.now() - sinceMs > limitMs) {
    const input = Buffer.from(new Uint8Array(shared, 8, head[1])).toString('base64');
    writeSync(2, 'an input takes more than ' + limitMs + ' ms, in base64: ' + input + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, 250);
`;

/**
 * Ends the process when one input takes too long. The function is told of each before it is tried.
 */
export function watchdog(limitMs: number): {
  told: (input: Uint8Array) => void;
  stop: () => Promise<unknown>;
} {
  const shared = new SharedArrayBuffer(8 + MAX_BYTES);
  const head = new Int32Array(shared, 0, 2);
  const bytes = new Uint8Array(shared, 8);
  const thread = new Worker(THREAD, { eval: true, workerData: { shared, limitMs } });
  return {
    told: (input) => {
      bytes.set(input.subarray(0, MAX_BYTES));
      head[1] = Math.min(input.length, MAX_BYTES);
      Atomics.add(head, 0, 1);
    },
    stop: () => thread.terminate(),
  };
}
