/** The same with more threads, deaths and tokens. The numbers stand in docs/guards-proof.md. */
import { expect, it } from 'vitest';
import { interleaved } from './interleaved-threads.js';

const STEP = 57_333_600;
const token = (tag: bigint, step = STEP) => ({ tag, step });
const same = [token(1n)];

it.each([
  [
    'two of three threads die',
    131_912_596_982_562n,
    { threads: [same, same, same], deaths: 2, capacity: 8 },
  ],
  [
    'a thread dies while a later step takes the generation over',
    15_542_611_364n,
    { threads: [same, [token(2n, STEP + 2)], same], deaths: 1, capacity: 8 },
  ],
  [
    'two threads are asked about two tokens each, in opposite order, and one dies',
    280_612_218n,
    {
      threads: [
        [token(1n), token(2n)],
        [token(2n), token(1n)],
      ],
      deaths: 1,
      capacity: 8,
    },
  ],
])(
  'a token is accepted once at most when %s, in every order',
  async (_, interleavings, options) => {
    expect(await interleaved(options)).toMatchObject({ acceptedAtMost: 1, interleavings });
  },
);
