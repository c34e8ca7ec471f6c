/**
 * `verifyStream` takes every source that `for await` takes, and gives what was finished before a
 * source's fault.
 */
import { describe, expect, it } from 'vitest';
import {
  createVerifier,
  type LineVerifier,
  type Verdicts,
  verifyStream,
} from '../../../src/index.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf } from './reference.js';

const verifier = await createVerifier({
  hosts: { 'example.com': KEYS },
  clock: () => STEP * PERIOD_MS,
  replay: { capacity: 1000 },
});
let nonce = 0;
const chunk = () => new TextEncoder().encode(`${JID}\t${tokenOf({ nonce: nonce++ })}\n`);

/** A source of two chunks and what comes then, each as `wrap` makes it. */
const sourceOf = (
  wrap: (result: unknown) => unknown,
  then: () => unknown,
  method = Symbol.asyncIterator,
) => ({
  [method]: () => {
    let count = 0;
    return { next: () => (count++ < 2 ? wrap({ done: false, value: chunk() }) : then()) };
  },
});

async function read(source: unknown, by: LineVerifier = verifier) {
  const seen: Verdicts[] = [];
  try {
    for await (const verdicts of verifyStream(by, source as never)) seen.push(verdicts);
  } catch (error) {
    return {
      accepted: seen.reduce((sum, { accepted }) => sum + accepted, 0),
      error: (error as Error).message,
    };
  }
  return { accepted: seen.reduce((sum, { accepted }) => sum + accepted, 0) };
}

const END = { done: true, value: undefined };
const plain = (result: unknown) => result;
const thenable = (result: unknown) => ({
  // biome-ignore lint/suspicious/noThenProperty: the subject of the test.
  then: (resolve: (result: unknown) => void) => resolve(result),
});

describe('a source', () => {
  for (const [what, source] of [
    ['whose next() gives no promise', sourceOf(plain, () => END)],
    ['whose next() gives a thenable', sourceOf(thenable, () => thenable(END))],
    ['that is synchronous', sourceOf(plain, () => END, Symbol.iterator)],
    [
      'whose asyncIterator is null',
      { ...sourceOf(plain, () => END, Symbol.iterator), [Symbol.asyncIterator]: null },
    ],
  ] as const) {
    it(`${what} is read to its end`, async () => {
      expect(await read(source)).toEqual({ accepted: 2 });
    });
  }

  for (const [what, then, error] of [
    [
      'throws',
      () => {
        throw new Error('source broke');
      },
      /source broke/,
    ],
    ['rejects', () => Promise.reject(new Error('source broke')), /source broke/],
    ['gives no object', () => 7, /must give an object/],
    ['gives undefined', () => undefined, /must give an object/],
    [
      'gives a chunk that is not bytes',
      () => ({ done: false, value: 'text' }),
      /must be a Uint8Array/,
    ],
  ] as const) {
    it(`whose next() ${what} fails after the verdicts that were under way`, async () => {
      const slow = {
        threads: 3,
        verifyLines: async (lines: Uint8Array) => verifier.verifyLines(lines),
      };
      for (const by of [verifier, slow]) {
        expect(await read(sourceOf(plain, then), by)).toEqual({
          accepted: 2,
          error: expect.stringMatching(error),
        });
      }
    });
  }

  it('is read whatever number of threads the verifier states', async () => {
    for (const threads of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '4' as never]) {
      const by = { threads, verifyLines: (lines: Uint8Array) => verifier.verifyLines(lines) };
      expect(
        await read(
          sourceOf(plain, () => END),
          by,
        ),
      ).toEqual({ accepted: 2 });
    }
  });
});
