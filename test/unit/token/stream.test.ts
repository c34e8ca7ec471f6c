import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createIssuer,
  createVerifier,
  type LineVerifier,
  type Verdicts,
  verdictStream,
  verifyStream,
} from '../../../src/index.js';

const NOW = 1_700_000_000_000;
const KEYS = { otpSeed: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', tokenSecret: 'a secret of the test' };
const options = { hosts: { 'example.com': KEYS }, clock: () => NOW };

const issuer = await createIssuer(options);
const lines = Array.from({ length: 40 }, (_, i) => {
  const jid = `user${i}@example.com`;
  if (i === 7) return 'no tab here';
  if (i === 8) return '';
  if (i === 9) return `${'x'.repeat(20_000)}\t${issuer.issue(jid)}`;
  if (i === 10) return `ünïcode@example.com\t${issuer.issue('ünïcode@example.com')}\r`;
  return `${jid}\t${issuer.issue(jid)}`;
});
const bytes = new TextEncoder().encode(lines.join('\n'));
const expected = lines.map((_, i) => (i >= 7 && i <= 9 ? 'malformed' : 'accepted'));

/** Cuts `bytes` at each of these places. */
function chunks(cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set(cuts), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

async function throughIterator(source: readonly Uint8Array[]): Promise<string[]> {
  const verifier = await createVerifier({ ...options, replay: { capacity: 100 } });
  const codes: string[] = [];
  for await (const verdicts of verifyStream(verifier, source))
    codes.push(...[...verdicts].map(({ code }) => code));
  return codes;
}

async function throughStream(source: readonly Uint8Array[]): Promise<string[]> {
  const verifier = await createVerifier({ ...options, replay: { capacity: 100 } });
  const codes: string[] = [];
  await new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of source) controller.enqueue(chunk);
      controller.close();
    },
  })
    .pipeThrough(verdictStream(verifier))
    .pipeTo(
      new WritableStream({
        write: (verdicts) => void codes.push(...[...verdicts].map(({ code }) => code)),
      }),
    );
  return codes;
}

describe.each([
  ['verifyStream', throughIterator],
  ['verdictStream', throughStream],
] as const)('%s', (_, run) => {
  it('takes chunks with cuts at any place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 30 }), async (cuts) => {
        expect(await run(chunks(cuts))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('takes one byte at a time', async () => {
    const short = new TextEncoder().encode(lines.slice(0, 9).join('\n').concat('\n'));
    expect(await run(Array.from(short, (byte) => Uint8Array.of(byte)))).toEqual(
      expected.slice(0, 9),
    );
  });

  it('refuses text, which a stream with an encoding gives', async () => {
    await expect(run(['a\tb\n'] as never)).rejects.toThrow(
      /must be a Uint8Array: got string; leave out/,
    );
  });

  it('returns no verdicts for an empty source', async () => {
    expect(await run([])).toEqual([]);
    expect(await run([new Uint8Array()])).toEqual([]);
  });
});

it('a stream asks for a chunk only when the verdicts before it were taken', async () => {
  const verifier = await createVerifier({ ...options, replay: { capacity: 100 } });
  let given = 0;
  const source = (function* () {
    for (const chunk of chunks([250, 500, 700])) {
      given++;
      yield chunk;
    }
  })();
  const verdicts = verifyStream(verifier, source);
  await verdicts.next();
  expect(given).toBe(1);
  await verdicts.next();
  expect(given).toBe(2);
});

/**
 * A verifier of several threads by its looks, whose answers come when the test lets them, in any
 * order.
 */
function threadsByHand(threads: number) {
  const asked: { text: string; answer(): void; fail(error: Error): void }[] = [];
  const verifier = {
    threads,
    verifyLines(lines: Uint8Array) {
      return new Promise<Verdicts>((resolve, reject) => {
        const text = new TextDecoder().decode(lines);
        // What was asked stands for the verdicts: the order is what counts here.
        asked.push({ text, answer: () => resolve(text as unknown as Verdicts), fail: reject });
      });
    },
  };
  return { asked, verifier };
}

/**
 * A source that gives lines `0`, `1`, ... and notes how many it was asked for and whether it was
 * ended.
 */
function numbers(count: number) {
  const seen = { given: 0, isEnded: false };
  async function* source() {
    try {
      while (seen.given < count) yield new TextEncoder().encode(`${seen.given++}\n`);
    } finally {
      seen.isEnded = true;
    }
  }
  return { seen, source: source() };
}

/** Lets all promises settle that can. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('over a pool of three threads', () => {
  const take = (verdicts: unknown) => String(verdicts).trim();

  it('verifyStream keeps four chunks under way, and returns them in order', async () => {
    const { asked, verifier } = threadsByHand(3);
    const { seen, source } = numbers(6);
    const stream = verifyStream(verifier, source);
    const got: string[] = [];
    const reading = (async () => {
      for await (const verdicts of stream) got.push(take(verdicts));
    })();
    await settled();
    expect([asked.length, seen.given]).toEqual([4, 4]);
    for (const i of [3, 1, 2]) asked[i]!.answer();
    await settled();
    expect([asked.length, got]).toEqual([4, []]);
    asked[0]!.answer();
    await settled();
    expect([asked.length, got]).toEqual([6, ['0', '1', '2', '3']]);
    asked[5]!.answer();
    asked[4]!.answer();
    await reading;
    expect(got).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(seen.isEnded).toBe(true);
  });

  it('verifyStream asks for no more than four chunks while nobody takes its verdicts', async () => {
    const { asked, verifier } = threadsByHand(3);
    const { seen, source } = numbers(100);
    const stream = verifyStream(verifier, source);
    const first = stream.next();
    await settled();
    for (const { answer } of asked) answer();
    await first;
    await settled();
    expect([asked.length, seen.given]).toEqual([4, 4]);
    await stream.return();
    expect(seen.isEnded).toBe(true);
  });

  it('verifyStream returns the verdicts that are there while the next chunk is missing, and can be left then', async () => {
    const { asked, verifier } = threadsByHand(3);
    let isReturned = false;
    const source: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => source,
      next: () =>
        asked.length === 0
          ? Promise.resolve({ value: new TextEncoder().encode('0\n') })
          : new Promise<never>(() => {}),
      return: () => {
        isReturned = true;
        return new Promise<never>(() => {});
      },
    };
    for await (const verdicts of leftBy(verifyStream(verifier, source), () => asked[0]?.answer())) {
      expect(take(verdicts)).toBe('0');
      break;
    }
    expect(isReturned).toBe(true);
  });

  for (const [what, failing, expected] of [
    ['an answer', () => numbers(9).source, ['0', '1']],
    [
      'the source',
      async function* () {
        yield* numbers(2).source;
        throw new Error('it failed');
      },
      ['0', '1'],
    ],
    [
      'a chunk',
      async function* () {
        yield* numbers(2).source;
        yield 'text' as never;
      },
      ['0', '1'],
    ],
  ] as const) {
    for (const [way, read] of [
      ['verifyStream', throughThreads],
      ['verdictStream', pipedThroughThreads],
    ] as const) {
      it(`${way} returns earlier verdicts before the error of ${what}`, async () => {
        const { asked, verifier } = threadsByHand(3);
        const got: string[] = [];
        const reading = Promise.allSettled([
          read(verifier, failing(), (verdicts) => got.push(take(verdicts))),
        ]);
        await settled();
        if (what === 'an answer') asked[2]?.fail(new Error('it failed'));
        await settled();
        asked[1]!.answer();
        await settled();
        asked[0]!.answer();
        const [end] = await reading;
        expect(end).toMatchObject({
          status: 'rejected',
          reason: { message: expect.stringMatching(/it failed|got string/) },
        });
        // A web stream drops what was not taken when an error comes.
        expect(got).toEqual(way === 'verifyStream' ? expected : expected.slice(0, got.length));
      });
    }
  }

  it('verdictStream keeps four chunks under way, in order, and stops when nobody reads', async () => {
    const { asked, verifier } = threadsByHand(3);
    const { seen, source } = numbers(20);
    const reader = webStream(source).pipeThrough(verdictStream(verifier)).getReader();
    const first = reader.read();
    await settled();
    expect(asked.length).toBe(4);
    for (const i of [2, 0, 3, 1]) asked[i]!.answer();
    expect(take((await first).value)).toBe('0');
    await settled();
    // Not one more is begun, and the streams hold but a chunk or two themselves.
    expect(asked.length).toBeLessThanOrEqual(5);
    expect(seen.given).toBeLessThanOrEqual(7);
    for (const expected of ['1', '2', '3'])
      expect(take((await reader.read()).value)).toBe(expected);
    await reader.cancel();
    for (const { answer } of asked) answer();
    await settled();
    expect(seen.isEnded).toBe(true);
  });
});

type Reader = (
  verifier: LineVerifier,
  source: AsyncIterable<Uint8Array>,
  take: (verdicts: Verdicts) => void,
) => Promise<void>;

const throughThreads: Reader = async (verifier, source, take) => {
  for await (const verdicts of verifyStream(verifier, source)) take(verdicts);
};

const pipedThroughThreads: Reader = (verifier, source, take) =>
  webStream(source)
    .pipeThrough(verdictStream(verifier))
    .pipeTo(new WritableStream({ write: take }));

/** The same iterator; `wait` is called while its next is waited for. */
async function* leftBy<T>(iterator: AsyncGenerator<T>, wait: () => void): AsyncGenerator<T> {
  try {
    while (true) {
      const next = iterator.next();
      await settled();
      wait();
      const { done, value } = await next;
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return(undefined);
  }
}

function webStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await iterator.return?.()),
  });
}

describe('an object that is not a verifier', () => {
  for (const [verifier, got] of [
    [{}, 'a value of type object'],
    [undefined, 'undefined'],
    [null, 'null'],
    ['verifier', 'a value of type string'],
  ] as const) {
    const fault = `verifier must be a verifier: got ${got}`;

    it(`makes verdictStream throw at once: ${JSON.stringify(verifier)}`, () => {
      expect(() => verdictStream(verifier as never)).toThrow(new TypeError(fault));
    });

    it(`makes verifyStream reject before it asks for a chunk: ${JSON.stringify(verifier)}`, async () => {
      const source = {
        [Symbol.asyncIterator]: () => {
          throw new Error('asked for');
        },
      };
      await expect(verifyStream(verifier as never, source).next()).rejects.toThrow(
        new TypeError(fault),
      );
    });
  }
});
