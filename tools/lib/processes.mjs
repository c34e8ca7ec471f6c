// Finds the processes of a run: those that it started and all their descendants, even if their
// parents have ended.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} Entry
 * @property {number} pid
 * @property {number} parent
 * @property {number} group The session on Linux, the process group elsewhere.
 * @property {string} name
 * @property {boolean} isMarked Its environment or its arguments hold the mark.
 */

/**
 * Lists processes on Linux, where /proc has their environment. @param {string} mark @returns
 * {Entry[]}
 */
function ofLinux(mark) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const read = (/** @type {string} */ file) => {
        try {
          return readFileSync(`/proc/${name}/${file}`, 'latin1');
        } catch {
          // The process has ended, or belongs to somebody else.
          return '';
        }
      };
      // "pid (name) state ppid pgrp session": the name may hold spaces and brackets.
      const [, command = '', rest = ''] = /^\d+ \((.*)\) (.*)/s.exec(read('stat')) ?? [];
      const [state, parent, , session] = rest.split(' ');
      if (state === undefined || state === '' || state === 'Z') return [];
      return [
        {
          pid: Number(name),
          parent: Number(parent),
          group: Number(session),
          name: command,
          isMarked: read('environ').includes(mark) || read('cmdline').includes(mark),
        },
      ];
    });
}

/**
 * Lists processes on other systems with ps, such as macOS. @param {string} mark @returns {Entry[]}
 */
function ofPs(mark) {
  const text = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,pgid=,command='], {
    encoding: 'utf8',
  });
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, group, command = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)/.exec(line) ?? [];
    if (pid === undefined) return [];
    const name = command.split(' ')[0] ?? '';
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        name,
        isMarked: command.includes(mark),
      },
    ];
  });
}

/** @param {string} mark */
const listed = (mark) => (process.platform === 'linux' ? ofLinux(mark) : ofPs(mark));

/**
 * The living processes that a process started, in the order of their ids.
 *
 * @param {number | undefined} parent
 * @returns {number[]}
 */
export const childrenOf = (parent) =>
  listed('')
    .filter((entry) => entry.parent === parent)
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);

/**
 * The living processes that carry a mark, all that descend from them, and all of the sessions that
 * such a process leads.
 *
 * @param {string} mark
 * @param {Set<number>} groups Sessions that belong to the run. Newly found ones are added.
 * @returns {Entry[]}
 */
export function processesOf(mark, groups) {
  const all = listed(mark);
  /** @type {Map<number, Entry>} */
  const found = new Map();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const entry of all) {
      const isOurs = entry.isMarked || groups.has(entry.group) || found.has(entry.parent);
      if (!isOurs || entry.pid === process.pid) continue;
      found.set(entry.pid, entry);
      if (entry.group === entry.pid) groups.add(entry.group);
    }
  }
  return [...found.values()];
}
