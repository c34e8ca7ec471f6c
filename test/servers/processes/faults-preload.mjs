// Loaded before the gateway by NODE_OPTIONS: faults that a system has, put in on purpose.
//
//   FAIL_FORK=FILE       while FILE is there, starting a process fails with the error that it names
//                        (EAGAIN, EMFILE)
//   HOLD_LISTEN=ID:FILE;...  a worker of this number (0: a process of its own) says "held" on stderr
//                        instead of listening, until FILE is there
import cluster from 'node:cluster';
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { Server } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const { FAIL_FORK, HOLD_LISTEN } = process.env;

if (FAIL_FORK !== undefined) {
  // The one place that Node's own errors of starting a process come from.
  const { Process } = /** @type {any} */ (process).binding('process_wrap');
  const { spawn } = Process.prototype;
  Process.prototype.spawn = function (/** @type {unknown} */ options) {
    if (!existsSync(FAIL_FORK)) return spawn.call(this, options);
    const errno = /** @type {Record<string, number>} */ (constants.errno);
    return -(errno[readFileSync(FAIL_FORK, 'utf8')] ?? 0);
  };
}

const holds = (HOLD_LISTEN ?? '').split(';').map((hold) => hold.split(':'));
const [, file] = holds.find(([id]) => id === String(cluster.worker?.id ?? 0)) ?? [];
if (file !== undefined) {
  const listen = /** @type {(...args: unknown[]) => Server} */ (Server.prototype.listen);
  Server.prototype.listen = function (/** @type {unknown[]} */ ...args) {
    writeSync(2, `held ${process.pid}\n`);
    const go = async () => {
      while (!existsSync(file)) await sleep(20);
      listen.apply(this, args);
    };
    void go();
    return this;
  };
}
