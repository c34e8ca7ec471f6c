/** As before with more attempts, faults and single commands. Numbers: docs/guards-proof.md. */
import { expect, it } from 'vitest';
import { type Case, processesOf } from './processes-of-one-server.js';

const CASES: readonly (readonly [string, bigint, Case])[] = [
  ['a process asks again after two faults', 28_082n, { attempts: [2], faults: 2 }],
  ['one of two processes asks twice, with a fault', 126_218n, { attempts: [2, 1], faults: 1 }],
  [
    'two processes ask, at any command, with a fault',
    69_782_175n,
    { attempts: [1, 1], faults: 1, isFine: true },
  ],
  [
    'the server is emptied, with a fault',
    743_402n,
    { attempts: [1, 1], faults: 1, loss: 'is emptied' },
  ],
  [
    'the server is restarted, with a fault',
    87_837_712n,
    { attempts: [1, 1], faults: 1, loss: 'is restarted' },
  ],
  [
    'the server is emptied at any command',
    12_954n,
    { attempts: [1, 1], faults: 0, loss: 'is emptied', isFine: true },
  ],
];

it.each(CASES)('a token is accepted once at most when %s, in every order', async (...given) => {
  const [, interleavings, options] = given;
  expect(await processesOf(options)).toMatchObject({ acceptedAtMost: 1, interleavings });
});
