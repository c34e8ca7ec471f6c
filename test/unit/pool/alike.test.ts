/**
 * A verifier, one with a guard, streams and a pool treat every input alike: the same verdict, or
 * the same error. Each expected verdict is given with its input.
 */
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createGuardedVerifier,
  createVerifier,
  type GuardAnswer,
  type GuardedVerifier,
  type LineVerifier,
  type ReplayMark,
  type TokenVerifier,
  type VerdictCode,
  verdictStream,
  verifyStream,
} from '../../../dist/index.js';
import { createVerifierPool, type VerifierPool } from '../../../dist/pool/index.js';
import { prepareJid } from '../../../dist/xmpp/index.js';
import { BAD, GOOD, utf8 } from './forms.js';
import { clock, hosts, issuer } from './setup.js';

type Owner = TokenVerifier | GuardedVerifier | VerifierPool;

/** A guard for one test, in memory. */
function guard() {
  const known = new Set<string>();
  const remember = async (marks: readonly ReplayMark[]) =>
    marks.map(({ id }) => {
      const answer: GuardAnswer = known.has(id) ? 'replayed' : 'fresh';
      known.add(id);
      return answer;
    });
  return { remember };
}

const replay = { capacity: 1000 };
const MAKERS: Readonly<Record<string, (options: object) => Promise<Owner>>> = {
  'a verifier': (options) => createVerifier({ prepareJid, ...options }),
  'a guarded verifier': (options) =>
    createGuardedVerifier({ prepareJid, guard: guard(), ...options }),
  'a pool': (options) => createVerifierPool({ prepareNames: true, threads: 2, ...options }),
};

let owners: readonly (readonly [name: string, owner: Owner])[];
beforeAll(async () => {
  const made = Object.entries(MAKERS).map(
    async ([name, make]) => [name, await make({ hosts, clock, replay })] as const,
  );
  owners = await Promise.all(made);
});
afterAll(() => {
  for (const [, owner] of owners) owner.dispose();
});

/** The same with each kind of verifier, in turn. */
async function ofEach<T>(use: (owner: Owner, name: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const [name, owner] of owners) results.push(await use(owner, name));
  return results;
}

/** What a call ends in: codes, or what tells its error from others. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    const { name, code, field, fault, message } = error as Error & Record<string, unknown>;
    return field === undefined ? { name, code, message } : { name, code, field, fault };
  }
}

const JID = 'alice@example.com';
function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

describe('a jid and a token', () => {
  /** Each form beside good ones in one batch; each is asked for by itself too. */
  const rows = (): (readonly [name: string, jid: unknown, token: unknown, code: VerdictCode])[] => [
    ...Object.entries(GOOD).flatMap(([name, form]) => [
      [`${name}, both`, form(JID), form(issuer.issue(JID)), 'accepted'] as const,
      [
        `${name}, a jid to prepare`,
        form('ALICE@Example.com'),
        issuer.issue(JID),
        'accepted',
      ] as const,
    ]),
    ...Object.entries(BAD).flatMap(([name, form]) => {
      const token = issuer.issue(JID);
      return [
        [`${name} as jid`, form(JID), token, 'malformed'] as const,
        [`${name} as token`, JID, form(token), 'malformed'] as const,
      ];
    }),
  ];

  const split = (all: ReturnType<typeof rows>) => ({
    jids: all.map(([, jid]) => jid) as string[],
    tokens: all.map(([, , token]) => token) as string[],
    expected: all.map(([name, , , code]) => `${name}: ${code}`),
    told: (codes: readonly string[]) => codes.map((code, i) => `${all[i]![0]}: ${code}`),
  });

  it('get the same verdict in a batch from each kind of verifier', async () => {
    const { jids, tokens, expected, told } = split(rows());
    await ofEach(async (owner, name) => {
      const batch = await owner.verifyBatch(jids, tokens);
      expect(told([...batch].map(({ code }) => code)), name).toEqual(expected);
    });
  });

  it('get the same verdict alone', async () => {
    const { jids, tokens, expected, told } = split(rows());
    await ofEach(async (owner, name) => {
      if (!('verify' in owner)) return;
      const codes: string[] = [];
      for (const [i, jid] of jids.entries()) codes.push((await owner.verify(jid, tokens[i]!)).code);
      expect(told(codes), name).toEqual(expected);
    });
  });
});

describe('lines', () => {
  const text = () =>
    `${JID}\t${issuer.issue(JID)}\r\nnone\nALICE@example.com\t${issuer.issue(JID)}\n${'y'.repeat(300_000)}\n\n${JID}\t${issuer.issue(JID)}`;
  const CODES = ['accepted', 'malformed', 'accepted', 'malformed', 'malformed', 'accepted'];

  it.each(Object.entries(GOOD))('as %s get the same verdicts everywhere', async (_, form) => {
    const lines = text();
    const results = await ofEach(async (owner) => {
      const verdicts = await owner.verifyLines(form(lines) as string);
      return [...verdicts].map(({ code }) => code);
    });
    expect(results).toEqual([CODES, CODES, CODES]);
  });

  it.each(Object.entries(GOOD).filter(([name]) => !name.startsWith('text')))(
    'in chunks of %s get the same verdicts from each kind of stream',
    async (_, form) => {
      const chunks = () => {
        const lines = text();
        const cuts = [0, 30, 31, 400, 200_000, lines.length];
        return cuts.slice(1).map((end, i) => form(lines.slice(cuts[i], end)) as Uint8Array);
      };
      const collected = async (parts: AsyncIterable<Iterable<{ code: string }>>) => {
        const codes: string[] = [];
        for await (const part of parts) for (const { code } of part) codes.push(code);
        return codes;
      };
      const results = await ofEach((owner) => collected(verifyStream(owner, chunks())));
      const transformed = await ofEach((owner) =>
        collected(streamOf(chunks()).pipeThrough(verdictStream(owner as LineVerifier)) as never),
      );
      expect([...results, ...transformed]).toEqual(Array(6).fill(CODES));
    },
  );

  it.each(Object.entries(BAD))('as %s get the same answer everywhere', async (name, form) => {
    const value = form(`${JID}\tx\n`) as string;
    const results = await ofEach((owner) =>
      outcome(async () => [...(await owner.verifyLines(value))].map(({ code }) => code)),
    );
    const [first] = results;
    expect(results).toEqual([first, first, first]);
    const isText =
      typeof value === 'string' || Object.prototype.toString.call(value) === '[object Uint8Array]';
    if (isText && !/tag|proxy/.test(name)) expect(first).toBeInstanceOf(Array);
    else expect(first).toMatchObject({ name: 'TypeError' });
  });
});

describe('the arrays of a batch', () => {
  const token = issuer.issue(JID);
  const withLength = (length: unknown) =>
    new Proxy([JID], {
      get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)),
    });

  it.each<[string, () => [unknown, unknown]]>([
    ['a text', () => [JID, [token]]],
    ['a Set', () => [new Set([JID]), [token]]],
    ['undefined', () => [undefined, undefined]],
    ['null', () => [[JID], null]],
    ['arrays of two lengths', () => [[JID], [token, token]]],
    ['an array of a length of -1', () => [withLength(-1), [token]]],
    ['an array of a length of 1.5', () => [withLength(1.5), [token]]],
    ['an array of a length that is text', () => [withLength('1'), [token]]],
  ])('are refused by the same error: %s', async (_, make) => {
    const [jids, tokens] = make();
    const [first, ...others] = await ofEach((owner) =>
      outcome(() => owner.verifyBatch(jids as string[], tokens as string[])),
    );
    expect(first).toMatchObject({ name: expect.stringMatching(/^(Type|Range)Error$/) });
    expect(others).toEqual([first, first]);
  });

  it('of another realm, with holes, and with getters that throw get the same verdicts', async () => {
    const results = await ofEach(async (owner) => {
      const good = issuer.issue(JID);
      const jids = runInNewContext('[jid, , jid, jid]', { jid: JID });
      const tokens = Object.defineProperty([good, good, good, good], 2, {
        get: () => {
          throw new Error('a getter');
        },
      });
      return [...(await owner.verifyBatch(jids, tokens))].map(({ code }) => code);
    });
    // Of a token that stands twice a pool accepts either.
    expect(results.map((codes) => [...codes].sort())).toEqual(
      Array(3).fill(['accepted', 'malformed', 'malformed', 'replayed']),
    );
  });

  it('are read once an element', async () => {
    const reads = await ofEach(async (owner) => {
      const read: string[] = [];
      const counted = (of: readonly string[]) =>
        new Proxy(of, {
          get(target, key) {
            if (key !== 'length') read.push(String(key));
            return Reflect.get(target, key);
          },
        });
      await owner.verifyBatch(counted([JID, JID]), counted([token, 'x']));
      return read;
    });
    expect(reads).toEqual(Array(3).fill(['0', '1', '0', '1']));
  });
});

describe('options and keys', () => {
  const keys = hosts['example.com'];
  const same = async (calls: readonly unknown[]) => {
    const [first, ...others] = calls;
    expect(first).toMatchObject({ code: 'ERR_OPTION', field: expect.any(String) });
    expect(others).toEqual([first, first]);
  };

  it.each<[string, object]>([
    ['hosts as an array', { hosts: [] }],
    ['hosts as a Map', { hosts: new Map() }],
    ['hosts as a number', { hosts: 7 }],
    ['an undefined seed', { hosts: { 'a.example': { ...keys, otpSeed: undefined } } }],
    ['a short seed', { hosts: { 'a.example': { ...keys, otpSeed: 'ABC' } } }],
    ['a secret that is bytes', { hosts: { 'a.example': { ...keys, tokenSecret: utf8('x') } } }],
    ['another key', { hosts: { 'a.example': { ...keys, seed: 'x' } } }],
    ['no keys', { hosts: { 'a.example': undefined } }],
    ['an empty list of keys', { hosts: { 'a.example': [] } }],
    ['a bad second key', { hosts: { 'a.example': [keys, { ...keys, otpSeed: '1' }] } }],
    ['a host that is not one', { hosts: { 'a b': keys } }],
    ['a host from a variable that is not set', { hosts: { undefined: keys } }],
    ['the same host twice', { hosts: { 'a.example': keys, 'A.example': keys } }],
    ['the same host twice, badly', { hosts: { 'a.example': keys, 'A.example': {} } }],
    ['period', { period: 0 }],
    ['digits', { digits: 8.5 }],
    ['algorithm', { algorithm: 'MD5' }],
    ['window', { window: { past: 11 } }],
    ['a name in window', { window: { before: 1 } }],
    ['nonceDigits', { nonceDigits: { min: 40, max: 32 } }],
    ['clock', { clock: 7 }],
    ['replay', { replay: 7 }],
    ['replay.capacity', { replay: { capacity: 2 ** 40 } }],
    ['replay.rejectStepsBefore', { replay: { rejectStepsBefore: 'now' } }],
    ['a name that is unknown', { perid: 30 }],
  ])('are refused by the same error: %s', async (_, options) => {
    await same(
      await Promise.all(Object.values(MAKERS).map((make) => outcome(() => make(options)))),
    );
  });

  it.each<[string, unknown, unknown]>([
    ['an undefined host', undefined, keys],
    ['keys as the host', keys, 'a.example'],
    ['undefined keys', 'a.example', undefined],
    ['an unset secret', 'a.example', { ...keys, tokenSecret: '' }],
    ['a host with an empty label', 'a..example', keys],
  ])('are refused by setHost by the same error: %s', async (_, domain, given) => {
    await same(
      await ofEach((owner) =>
        outcome(async () => owner.setHost(domain as string, given as typeof keys)),
      ),
    );
  });

  it('a clock of seconds is refused in the same words', async () => {
    const results: unknown[] = [];
    for (const make of Object.values(MAKERS)) {
      const owner = await make({ clock: () => 1_700_000_000, replay });
      results.push(await outcome(() => owner.verifyLines('x')));
      owner.dispose();
    }
    const [first] = results;
    expect(first).toMatchObject({
      name: 'RangeError',
      message: expect.stringContaining('seconds'),
    });
    expect(results).toEqual([first, first, first]);
  });
});
