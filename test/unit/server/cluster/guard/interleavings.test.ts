/** In no order of what happens on their channels are two workers told that a token is fresh. */
import { expect, it } from 'vitest';
import { workersOf } from './workers-of-a-leader.js';

// The numbers stand in docs/guards-proof.md.
it.each([
  ['the table answers at once', 252n, { attempts: [1, 1], cuts: 0 }],
  ['a channel ends anywhere, and another worker takes over', 1162n, { attempts: [1, 1], cuts: 1 }],
  ['the store answers in any order', 924n, { attempts: [1, 1], cuts: 0, answersLater: true }],
  ['both of these', 4844n, { attempts: [1, 1], cuts: 1, answersLater: true }],
])('a token that two workers ask about is accepted once at most when %s', async (...given) => {
  const [, interleavings, options] = given;
  expect(await workersOf(options)).toMatchObject({ acceptedAtMost: 1, interleavings });
});
