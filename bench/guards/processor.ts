import { readFileSync } from 'node:fs';

/**
 * Linux counts a process' time in hundredths of a second for all who ask, whatever its kernel does
 * inside: `USER_HZ`.
 */
const TICK_MS = 10;

/** Time of a processor that other processes have taken so far, in milliseconds. */
export function takenMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ofProcess(pid), 0);
}

/**
 * proc(5): utime and stime are the 14th and 15th field. The name in the second may hold spaces, so
 * count from its end.
 */
function ofProcess(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The same of this process with all its threads, by its own clock. */
export function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
