import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIssuer, createVerifier, verdictStream, verifyStream } from '../../src/index.js';

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
      new WritableStream({ write: (verdicts) => void codes.push(...[...verdicts].map(({ code }) => code)) }),
    );
  return codes;
}

describe.each([
  ['verifyStream', throughIterator],
  ['verdictStream', throughStream],
] as const)('%s', (_, run) => {
  it('takes chunks that are cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 30 }), async (cuts) => {
        expect(await run(chunks(cuts))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('takes one byte at a time', async () => {
    const short = new TextEncoder().encode(lines.slice(0, 9).join('\n').concat('\n'));
    expect(await run(Array.from(short, (byte) => Uint8Array.of(byte)))).toEqual(expected.slice(0, 9));
  });

  it('refuses text, which a stream with an encoding gives', async () => {
    await expect(run(['a\tb\n'] as never)).rejects.toThrow(/must be a Uint8Array: got string; leave out/);
  });

  it('gives nothing for nothing', async () => {
    expect(await run([])).toEqual([]);
    expect(await run([new Uint8Array()])).toEqual([]);
  });
});

it('asks for a chunk only when the verdicts before it were taken', async () => {
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
