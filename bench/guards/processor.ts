import { readFileSync } from 'node:fs';

/**
 * Linux reports a process's time in hundredths of a second, independent of the kernel's own clock:
 * `USER_HZ`.
 */
const TICK_MS = 10;

/** Processor time that other processes have used so far, in milliseconds. */
export function takenMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ofProcess(pid), 0);
}

/**
 * proc(5): utime and stime are the 14th and 15th field. The name in the second field may contain
 * spaces, so fields are counted from its end.
 */
function ofProcess(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Processor time of this process with all its threads, in milliseconds. */
export function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
