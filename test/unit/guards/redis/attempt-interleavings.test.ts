/** In no order of all that can happen is a token accepted twice by one Redis server. */
import { describe, expect, it } from 'vitest';
import { processesOf } from './processes-of-one-server.js';

// The numbers stand in docs/guards-proof.md.
describe('a token that a server is asked about, in every order', () => {
  it('is accepted once by a process that loses an answer and asks again', async () => {
    expect(await processesOf({ attempts: [2], faults: 1 })).toEqual({
      acceptedAtMost: 1,
      states: 122,
      interleavings: 159n,
    });
  });

  it('is accepted once at most by a process that does not wait for its answer', async () => {
    expect(await processesOf({ attempts: [2], faults: 1, isImpatient: true })).toEqual({
      acceptedAtMost: 1,
      states: 1333,
      interleavings: 50_059n,
    });
  });

  it('is accepted once at most by two processes of which one loses an answer', async () => {
    expect(await processesOf({ attempts: [1, 1], faults: 1 })).toEqual({
      acceptedAtMost: 1,
      states: 650,
      interleavings: 51_161n,
    });
  });
});

describe('a token that two processes ask about, in every order, is accepted once at most', () => {
  it.each([
    ['is emptied', 171, 714n],
    ['is restarted', 307, 71_886n],
    ['evicts keys', 171, 714n],
  ] as const)('when the server %s', async (loss, states, interleavings) => {
    const found = await processesOf({ attempts: [1, 1], faults: 0, loss });
    expect(found).toEqual({ acceptedAtMost: 1, states, interleavings });
  });

  it('when the server outlives its mark, at any command', async () => {
    const options = {
      attempts: [1, 1],
      faults: 0,
      loss: 'outlives the mark',
      isFine: true,
    } as const;
    expect(await processesOf(options)).toEqual({
      acceptedAtMost: 1,
      states: 389,
      interleavings: 12_954n,
    });
  });
});
