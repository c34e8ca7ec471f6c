/**
 * The bytes of a seed are nowhere in the process once it was let go of. Its base32 text is the
 * caller's, and the engine's.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeBase32 } from '../../../src/otp/base32.js';

const DIST = join(import.meta.dirname, '../../../dist');
const CHUNK = 64 * 1024 * 1024;

/** In how many parts of its memory a process holds some bytes. */
function countInProcess(pid: number, wanted: Buffer): number {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const buffer = Buffer.alloc(CHUNK);
  let count = 0;
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from === undefined || to === undefined) continue;
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; ) {
        const read = readPart(memory, buffer, at, Math.min(CHUNK, end - at));
        if (buffer.subarray(0, read).includes(wanted)) count++;
        if (read === 0) break;
        at += read;
      }
    }
  } finally {
    closeSync(memory);
  }
  return count;
}

/** 0 for what cannot be read. */
function readPart(memory: number, buffer: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, buffer, 0, length, at);
  } catch {
    return 0;
  }
}

it.runIf(process.platform === 'linux')(
  'a seed leaves no copy in the process once it was decoded and released',
  { timeout: 300_000 },
  async () => {
    const seed = randomBytes(40);
    const env = { ...process.env, SEED: encodeBase32(seed) };
    const script = join(import.meta.dirname, 'seed-child.mjs');
    const child = spawn(process.execPath, ['--expose-gc', script, DIST], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const gone = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      expect(countInProcess(child.pid!, seed)).toBe(0);
    } finally {
      child.kill();
      await gone;
    }
  },
);
