/** Replay: the guard of one verifier, and guards that verifiers share. */
import { createGuardedVerifier, type GuardAnswer, type ReplayMark } from 'totp-token';
import { type Case, equal } from './check.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf, withWrongSignature } from './reference.js';
import { world } from './world.js';

const clock = () => (STEP + 0.5) * PERIOD_MS;

export const guard: readonly Case[] = [
  {
    name: 'a token is accepted once, at each moment of its window',
    async run() {
      const { verifier, at } = await world();
      const token = await tokenOf();
      equal(verifier.verify(JID, token).code, 'accepted');
      for (const step of [STEP, STEP + 1, STEP - 1, STEP]) {
        at(step);
        equal(verifier.verify(JID, token).code, 'replayed', `at ${step}`);
      }
    },
  },
  {
    name: 'a token stays used when another one comes in between',
    async run() {
      const { verifier } = await world();
      const [first, second] = [await tokenOf(), await tokenOf({ step: STEP + 1, nonce: 8 })];
      equal(
        verifier.verifyBatch([JID, JID, JID, JID], [first, second, first, second]).codes,
        [0, 0, 5, 5],
      );
    },
  },
  {
    name: 'a forged token does not use up the genuine one',
    async run() {
      const { verifier } = await world();
      const token = await tokenOf();
      equal(verifier.verify(JID, withWrongSignature(token)).code, 'bad-signature');
      equal(verifier.verify(JID, token).code, 'accepted');
    },
  },
  {
    name: 'a full guard refuses tokens and evicts none, and has room again in the next step',
    async run() {
      const { verifier, at } = await world({ replay: { capacity: 3 } });
      const tokens = await Promise.all([0, 1, 2, 3].map((nonce) => tokenOf({ nonce })));
      const codes = () => tokens.map((token) => verifier.verify(JID, token).code);
      equal(codes(), ['accepted', 'accepted', 'accepted', 'guard-unavailable']);
      equal(codes(), ['replayed', 'replayed', 'replayed', 'guard-unavailable']);
      at(STEP + 3);
      equal(verifier.verify(JID, await tokenOf({ step: STEP + 3 })).code, 'accepted');
    },
  },
  {
    name: 'steps that are over stay stale when the clock goes back',
    async run() {
      const { verifier, at } = await world();
      at(STEP + 10);
      for (const step of [STEP + 9, STEP + 10, STEP + 11]) {
        equal(verifier.verify(JID, await tokenOf({ step })).code, 'accepted');
      }
      at(STEP);
      equal(verifier.verify(JID, await tokenOf()).code, 'stale');
    },
  },
  {
    name: 'steps that were in the window at the start are stale with rejectStepsBefore start',
    async run() {
      const { verifier, at } = await world({ replay: { rejectStepsBefore: 'start' } });
      equal(verifier.verify(JID, await tokenOf()).code, 'stale');
      at(STEP + 1);
      equal(verifier.verify(JID, await tokenOf({ step: STEP + 1 })).code, 'stale');
      equal(verifier.verify(JID, await tokenOf({ step: STEP + 2 })).code, 'accepted');
    },
  },
  {
    name: '2000 tokens are each accepted once',
    async run() {
      const { verifier } = await world({ replay: { capacity: 2000 } });
      const tokens = await Promise.all(
        Array.from({ length: 2000 }, (_, nonce) => tokenOf({ nonce })),
      );
      const jids = tokens.map(() => JID);
      equal(verifier.verifyBatch(jids, tokens).accepted, 2000);
      equal(verifier.verifyBatch(jids, tokens).codes, new Uint8Array(2000).fill(5));
      equal(verifier.replay.generations, [{ step: STEP, entries: 2000 }]);
    },
  },
  {
    name: 'one of two verifiers with a shared guard accepts, and none if the guard fails',
    async run() {
      const known = new Set<string>();
      const remember = async (marks: readonly ReplayMark[]): Promise<GuardAnswer[]> =>
        marks.map(({ id, step }) => {
          const mark = `${id} ${step}`;
          if (known.has(mark)) return 'replayed';
          known.add(mark);
          return 'fresh';
        });
      const options = { hosts: { 'example.com': KEYS }, clock, replay: { capacity: 10 } };
      const [one, other, broken] = await Promise.all([
        createGuardedVerifier({ ...options, guard: { remember } }),
        createGuardedVerifier({ ...options, guard: { remember } }),
        createGuardedVerifier({
          ...options,
          guard: { remember: () => Promise.reject(new Error('down')) },
        }),
      ]);
      const token = await tokenOf();
      const codes = await Promise.all(
        [one, other].map(async (verifier) => (await verifier.verify(JID, token)).code),
      );
      equal(codes.sort(), ['accepted', 'replayed']);
      equal((await broken.verify(JID, await tokenOf({ nonce: 8 }))).code, 'guard-unavailable');
    },
  },
];
