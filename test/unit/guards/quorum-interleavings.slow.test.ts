/** The same with a process that tries again, whose votes and answers of before may still come. */
import { expect, it } from 'vitest';
import { explored } from './two-processes.js';

it('a token is accepted once at most when one of two processes tries again, in every order', {
  timeout: 3_600_000,
}, async () => {
  expect(await explored({ attempts: [2, 1] })).toEqual({
    accepted: 1,
    states: 137_139,
    interleavings: 123_047_770_576_506n,
  });
});
