/**
 * Many at once: batches of strings and bytes, lines, streams. Every place of every size meets a bad
 * token.
 */
import { verdictStream, verifyStream } from 'totp-token';
import { type Case, equal, throws } from './check.js';
import { JID, STEP, tokenOf, withWrongSignature } from './reference.js';
import { world } from './world.js';

const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 67];
/** Of all lengths of message that the lanes tell apart, so that the queues get mixed. */
const jidOf = (i: number) => `${'user'.repeat((i % 23) + 1)}${i}@example.com`;

interface Entry {
  readonly jid: string;
  readonly token: string;
}

const entries = (count: number): Promise<Entry[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const jid = jidOf(i);
      return { jid, token: await tokenOf({ jid, nonce: i, step: STEP - 1 + (i % 3) }) };
    }),
  );
const jidsOf = (list: readonly Entry[]) => list.map(({ jid }) => jid);
const tokensOf = (list: readonly Entry[]) => list.map(({ token }) => token);
const linesOf = (list: readonly Entry[]) =>
  list.map(({ jid, token }) => `${jid}\t${token}\n`).join('');

/** Hands out the bytes a few at a time, cut anywhere. */
function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const encoder = new TextEncoder();

export const batch: readonly Case[] = [
  ...SIZES.map((size) => ({
    name: `a batch of ${size} with a bad token in any place rejects that token alone`,
    async run() {
      const good = await entries(size);
      for (let place = -1; place < Math.min(size, 9); place++) {
        const list = good.map((entry, i) =>
          i === place ? { ...entry, token: withWrongSignature(entry.token) } : entry,
        );
        const expected = list.map((_, i) => (i === place ? 4 : 0));
        const { verifier } = await world();
        equal(verifier.verifyBatch(jidsOf(list), tokensOf(list)).codes, expected, `bad: ${place}`);
        equal(
          verifier.verifyBatch(jidsOf(list), tokensOf(list)).codes,
          expected.map((code) => code || 5),
        );
        equal(
          (await world()).verifier.verifyLines(linesOf(list)).codes,
          expected,
          `lines, bad: ${place}`,
        );
      }
    },
  })),
  {
    name: 'a batch gives each token the verdict of verify',
    async run() {
      const list = await entries(40);
      const [one, many] = [await world(), await world()];
      const verdicts = many.verifier.verifyBatch(jidsOf(list), tokensOf(list));
      equal(
        [...verdicts],
        list.map(({ jid, token }) => one.verifier.verify(jid, token)),
      );
      equal([verdicts.length, verdicts.accepted], [40, 40]);
    },
  },
  {
    name: 'a token that is twice in a batch is accepted the first time',
    async run() {
      const { verifier } = await world();
      const token = await tokenOf();
      equal(verifier.verifyBatch([JID, JID, JID], [token, token, token]).codes, [0, 5, 5]);
    },
  },
  {
    name: 'a batch of bytes gets the verdicts of a batch of strings',
    async run() {
      const list = await entries(9);
      const { verifier } = await world();
      const jids = jidsOf(list).map((jid) => encoder.encode(jid));
      const tokens = tokensOf(list).map((token) => encoder.encode(token));
      equal(verifier.verifyBatch(jids, tokens).codes, new Uint8Array(9));
    },
  },
  {
    name: 'lines are read with CR before LF and without the last LF, and malformed ones rejected',
    async run() {
      const { verifier } = await world();
      const [first, second] = [await tokenOf({ nonce: 1 }), await tokenOf({ nonce: 2 })];
      const text = `${JID}\t${first}\r\n\nno tab\n${JID}\t\n${JID}\t${second}`;
      equal(verifier.verifyLines(encoder.encode(text)).codes, [0, 1, 1, 1, 0]);
    },
  },
  {
    name: 'a stream cut anywhere gives the verdicts of its lines',
    async run() {
      const list = await entries(30);
      const bytes = encoder.encode(linesOf(list));
      for (const size of [1, 7, 64, 1000, 100_000]) {
        const codes: number[] = [];
        const { verifier } = await world();
        for await (const part of verifyStream(verifier, cut(bytes, size)))
          codes.push(...part.codes);
        equal(
          codes,
          list.map(() => 0),
          `${size} bytes a chunk`,
        );
      }
    },
  },
  {
    name: 'a web stream is verified through a TransformStream',
    async run() {
      const list = await entries(30);
      const chunks = cut(encoder.encode(linesOf(list)), 100);
      const source = new ReadableStream<Uint8Array>({
        pull(controller) {
          const { value, done } = chunks.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      });
      const reader = source.pipeThrough(verdictStream((await world()).verifier)).getReader();
      let accepted = 0;
      for (let next = await reader.read(); !next.done; next = await reader.read())
        accepted += next.value.accepted;
      equal(accepted, 30);
    },
  },
  {
    name: 'arrays of different lengths cause a RangeError',
    async run() {
      const { verifier } = await world();
      await throws(() => verifier.verifyBatch([JID], []), { name: 'RangeError' });
    },
  },
];
