/** The same with a worker that has two questions under way. */
import { expect, it } from 'vitest';
import { workersOf } from './workers-of-a-leader.js';

it('a token is accepted once at most when one of two workers asks twice at once', async () => {
  expect(await workersOf({ attempts: [2, 1], cuts: 0 })).toMatchObject({
    acceptedAtMost: 1,
    interleavings: 66_066n,
  });
});
