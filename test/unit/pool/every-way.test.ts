/**
 * Another implementation's tokens, through each way of asking: different data in every lane, one
 * bad entry in each place.
 */
import { describe, expect, it } from 'vitest';
// The threads run what is published: a worker is a file of its own, and in src/ that is TypeScript.
import { createVerifier, type Verdict, type Verdicts, verifyStream } from '../../../dist/index.js';
import { createVerifierPool } from '../../../dist/pool/index.js';
import vectors from '../../vectors/pyotp-tokens.json' with { type: 'json' };

type Case = (typeof vectors.cases)[number];
interface Entry {
  readonly jid: string;
  readonly token: string;
}
interface Way {
  setHost(domain: string, keys: readonly Case[]): unknown;
  ask(entries: readonly Entry[]): Iterable<Verdict> | Promise<Iterable<Verdict>>;
  close(): unknown;
}

const time = { ms: 0 };
const options = { clock: () => time.ms, replay: { capacity: 100 } };
const utf8 = (text: string) => new TextEncoder().encode(text);
const linesOf = (entries: readonly Entry[]) =>
  utf8(entries.map(({ jid, token }) => `${jid}\t${token}\n`).join(''));
const jidsOf = (entries: readonly Entry[]) => entries.map(({ jid }) => jid);
const tokensOf = (entries: readonly Entry[]) => entries.map(({ token }) => token);

async function oneThread(
  ask: (
    verifier: Awaited<ReturnType<typeof createVerifier>>,
    entries: readonly Entry[],
  ) => ReturnType<Way['ask']>,
): Promise<Way> {
  const verifier = await createVerifier(options);
  return {
    setHost: (domain, keys) => verifier.setHost(domain, keys.map(keysOf)),
    ask: (entries) => ask(verifier, entries),
    close: () => verifier.dispose(),
  };
}

async function manyThreads(
  ask: (
    pool: Awaited<ReturnType<typeof createVerifierPool>>,
    entries: readonly Entry[],
  ) => Promise<Verdicts>,
): Promise<Way> {
  const pool = await createVerifierPool({ ...options, threads: 2 });
  return {
    setHost: (domain, keys) => pool.setHost(domain, keys.map(keysOf)),
    ask: (entries) => ask(pool, entries),
    close: () => pool.close(),
  };
}

const keysOf = ({ otpSeed, tokenSecret }: Case) => ({ otpSeed, tokenSecret });

async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37);
}

const WAYS: Readonly<Record<string, () => Promise<Way>>> = {
  verify: () => oneThread((v, entries) => entries.map(({ jid, token }) => v.verify(jid, token))),
  'verify, from bytes': () =>
    oneThread((v, entries) => entries.map(({ jid, token }) => v.verify(utf8(jid), utf8(token)))),
  verifyBatch: () => oneThread((v, entries) => v.verifyBatch(jidsOf(entries), tokensOf(entries))),
  'verifyBatch, from bytes': () =>
    oneThread((v, entries) =>
      v.verifyBatch(jidsOf(entries).map(utf8), tokensOf(entries).map(utf8)),
    ),
  verifyLines: () => oneThread((v, entries) => v.verifyLines(linesOf(entries))),
  verifyStream: () =>
    oneThread(async (v, entries) => {
      const verdicts: Verdict[] = [];
      for await (const part of verifyStream(v, cut(linesOf(entries)))) verdicts.push(...part);
      return verdicts;
    }),
  'verifyBatch of a pool': () =>
    manyThreads((p, entries) => p.verifyBatch(jidsOf(entries), tokensOf(entries))),
  'verifyLines of a pool': () => manyThreads((p, entries) => p.verifyLines(linesOf(entries))),
};

const byTime = groups();
function groups(): Map<number, Case[]> {
  const map = new Map<number, Case[]>();
  for (const entry of vectors.cases)
    map.set(entry.unixSeconds, [...(map.get(entry.unixSeconds) ?? []), entry]);
  return map;
}

/** The same token with another signature of the right form. */
const spoilt = ({ jid, token }: Entry): Entry => ({
  jid,
  token: token.slice(0, 41) + (token[41] === 'A' ? 'B' : 'A') + token.slice(42),
});

describe(`tokens by ${vectors.source.split(';')[0]}`, () => {
  for (const [name, make] of Object.entries(WAYS)) {
    it(`get the expected verdicts through ${name}`, async () => {
      const way = await make();
      try {
        for (const [unixSeconds, cases] of [...byTime].sort(([a], [b]) => a - b)) {
          time.ms = unixSeconds * 1000;
          for (const { jid } of cases) {
            const domain = jid.split('@')[1]!;
            await way.setHost(
              domain,
              cases.filter((entry) => entry.jid.endsWith(`@${domain}`)),
            );
          }
          const seen = new Set<number>();
          for (let bad = 0; bad < cases.length; bad++) {
            const entries = cases.map((entry, i) => (i === bad ? spoilt(entry) : entry));
            const codes = [...(await way.ask(entries))].map(({ code }) => code);
            const expected = cases.map((_, i) =>
              i === bad ? 'bad-signature' : seen.has(i) ? 'replayed' : 'accepted',
            );
            expect(codes, `at ${unixSeconds} s, the bad one in place ${bad}`).toEqual(expected);
            for (const i of cases.keys()) if (i !== bad) seen.add(i);
          }
        }
      } finally {
        await way.close();
      }
    });
  }
});
