/**
 * A program whose last `await` is a pool's answer goes on until it is there, whatever becomes of
 * the threads meanwhile.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = import.meta.dirname;
const DIST = join(FOLDER, '../../../dist');

for (const [fault, what] of [
  ['unready', 'a thread that takes another’s place holds no event loop'],
  ['dies-unready', 'two threads die before they are ready'],
  ['late-reply', 'a thread that is being ended still replies'],
] as const) {
  it(`a program waits for a pool that replaces a thread while ${what}`, {
    timeout: 300_000,
  }, () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(FOLDER, 'replaced-thread.mjs'), DIST, fault],
      { encoding: 'utf8' },
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'accepted\nclosed\n',
      stderr: '',
    });
  });
}
