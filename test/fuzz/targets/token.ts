/**
 * Tokens, one by one, in batches, as lines and as a stream cut anywhere: all agree with the plain
 * reference.
 */
import fc from 'fast-check';
import { createVerifier, type HostKeys, type Verdict, verifyStream } from '../../../src/index.js';
import { prepareJid } from '../../../src/xmpp/prepare-jid.js';
import { Agreement, SETUPS, type Setup, type Way } from '../agreement.js';
import type { FuzzTarget } from '../target.js';

type Answer = Iterable<Verdict> | Promise<Iterable<Verdict>>;

/** What a verifier and a pool have in common. */
interface Asked {
  verifyBatch(
    jids: readonly (string | Uint8Array)[],
    tokens: readonly (string | Uint8Array)[],
  ): Answer;
  verifyLines(lines: Uint8Array): Answer;
  setHost(domain: string, keys: readonly HostKeys[]): unknown;
  removeHost(domain: string): unknown;
}

const change = (asked: Pick<Asked, 'setHost' | 'removeHost'>) => ({
  setHost: (domain: string, keys: readonly HostKeys[]) => asked.setHost(domain, keys),
  removeHost: (domain: string) => asked.removeHost(domain),
});

export const byBatch = (asked: Asked): Way => ({
  name: 'verifyBatch',
  ask: (jids, tokens) => asked.verifyBatch(jids, tokens),
  ...change(asked),
});

export const byLines = (asked: Asked): Way => ({
  name: 'verifyLines',
  takesLines: true,
  ask: (_jids, _tokens, bytes) => asked.verifyLines(bytes),
  ...change(asked),
});

async function waysOf({ options, rules }: Setup, clock: () => number): Promise<readonly Way[]> {
  const make = () => createVerifier({ ...options, clock, ...(rules.prepares && { prepareJid }) });
  const [single, batch, lines, stream] = await Promise.all([make(), make(), make(), make()]);
  return [
    {
      name: 'verify',
      ask: (jids, tokens) => jids.map((jid, i) => single.verify(jid, tokens[i]!)),
      ...change(single),
    },
    byBatch(batch),
    byLines(lines),
    {
      name: 'verifyStream',
      takesLines: true,
      ask: async (_jids, _tokens, bytes) => {
        const verdicts: Verdict[] = [];
        for await (const part of verifyStream(stream, pieces(bytes))) verdicts.push(...part);
        return verdicts;
      },
      ...change(stream),
    },
  ];
}

/** Cut at places that the bytes themselves choose. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + (bytes[at]! % 90);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** The first byte chooses among the setups. */
export async function triesOf(
  ways: (setup: Setup, clock: () => number) => Promise<readonly Way[]>,
): Promise<(input: Uint8Array) => Promise<void>> {
  const agreements = await Promise.all(
    SETUPS.map(async (setup) => {
      const clock = { now: () => 0 };
      const made = await ways(setup, () => clock.now());
      return new Agreement(setup, (now) => {
        clock.now = now;
        return made;
      });
    }),
  );
  return (input) => agreements[(input[0] ?? 0) % agreements.length]!.try(input.subarray(1));
}

/** Entries of choices that are all zero but for the nonce: good tokens. */
const good = (setup: number) =>
  Uint8Array.from([setup, ...[0, 1, 0, 2].flatMap((nonce) => [0, 0, 0, 3, nonce, 0, 1, 0, 0])]);

export const target: FuzzTarget = {
  name: 'token',
  testInputs: 100,
  seeds: [good(0), good(1), good(2)],
  words: ['\t', '\n', '\r\n', '@', '/', '=', ' ', '\u00e9', '\u00ad'],
  inputs: fc.uint8Array({ maxLength: 400, size: 'max' }),
  open: () => triesOf(waysOf),
};
