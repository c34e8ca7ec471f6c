/** In no order of their atomic operations do two threads accept one token. */
import { describe, expect, it } from 'vitest';
import { interleaved } from './interleaved-threads.js';

const STEP = 57_333_600;
/** The next step that has the same generation. */
const LATER = STEP + 2;
const token = (tag: bigint, step = STEP) => ({ tag, step });

// The numbers stand in docs/guards-proof.md.
describe('a token that threads are asked about at once', () => {
  it('is accepted once, in every order of two threads and of three', async () => {
    const same = [token(1n)];
    expect(await interleaved({ threads: [same, same], deaths: 0, capacity: 8 })).toMatchObject({
      acceptedAtMost: 1,
      states: 93,
      interleavings: 1020n,
    });
    expect(
      await interleaved({ threads: [same, same, same], deaths: 0, capacity: 8 }),
    ).toMatchObject({
      acceptedAtMost: 1,
      states: 1347,
      interleavings: 8_862_480n,
    });
  });

  it('is accepted once at most while two threads die anywhere, and leaves no lock closed', async () => {
    const same = [token(1n)];
    expect(await interleaved({ threads: [same, same], deaths: 2, capacity: 8 })).toMatchObject({
      acceptedAtMost: 1,
      states: 3974,
      interleavings: 34_917_726n,
    });
  });

  it('is accepted once at most while a later step takes its generation over', async () => {
    const threads = [[token(1n)], [token(2n, LATER)], [token(1n)]];
    expect(await interleaved({ threads, deaths: 0, capacity: 8 })).toMatchObject({
      acceptedAtMost: 1,
      states: 1709,
      interleavings: 13_049_322n,
    });
  });
});

it('two tokens with room for one are not both accepted, in every order', async () => {
  const threads = [[token(1n)], [token(2n)]];
  expect(await interleaved({ threads, deaths: 0, capacity: 1 })).toMatchObject({
    acceptedAtMost: 1,
    acceptedTogether: 1,
  });
});
