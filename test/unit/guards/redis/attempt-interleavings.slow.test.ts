/** The same with more attempts, faults and single commands. The numbers stand in docs/guards.md. */
import { expect, it } from 'vitest';
import { type Case, processesOf } from './processes-of-one-server.js';

const CASES: readonly (readonly [string, bigint, Case])[] = [
  ['a process asks again after two faults', 28_082n, { attempts: [2], faults: 2 }],
  ['one of two processes asks twice, with a fault', 0n, { attempts: [2, 1], faults: 1 }],
  [
    'two processes ask, at any command, with a fault',
    0n,
    { attempts: [1, 1], faults: 1, isFine: true },
  ],
  ['the server is emptied, with a fault', 0n, { attempts: [1, 1], faults: 1, loss: 'emptied' }],
  ['the server is restarted, with a fault', 0n, { attempts: [1, 1], faults: 1, loss: 'restarted' }],
  [
    'the server is emptied at any command',
    0n,
    { attempts: [1, 1], faults: 0, loss: 'emptied', isFine: true },
  ],
];

it.each(CASES)(
  'a token is accepted once at most when %s, in every order',
  async (what, interleavings, options) => {
    const t0 = performance.now();
    const found = await processesOf(options);
    console.log(what, found, performance.now() - t0);
  },
);
