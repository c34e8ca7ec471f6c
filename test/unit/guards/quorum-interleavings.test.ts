/** No order in which two processes ask three stores lets both accept a token. */
import { describe, expect, it } from 'vitest';
import { explored } from './two-processes.js';

// The numbers stand in docs/guards-proof.md.
describe('a token that two processes ask three stores about', () => {
  it('is accepted once at most, in every order', async () => {
    expect(await explored({ attempts: [1, 1] })).toEqual({
      accepted: 1,
      states: 696,
      interleavings: 23_314_044n,
    });
  });

  it('is accepted once at most when a store loses its memory and knows it', async () => {
    expect(await explored({ attempts: [1, 1], loss: 'noticed' })).toEqual({
      accepted: 1,
      states: 6021,
      interleavings: 293_146_592n,
    });
  });

  it('is accepted once at most when a store loses its memory unnoticed, and all must agree', async () => {
    expect(await explored({ attempts: [1, 1], loss: 'silent', silentLosses: 1 })).toEqual({
      accepted: 1,
      states: 4923,
      interleavings: 102_550_176n,
    });
  });

  it('can be accepted twice when a store loses its memory unnoticed, and two suffice', async () => {
    expect((await explored({ attempts: [1, 1], loss: 'silent' })).accepted).toBe(2);
  });
});
