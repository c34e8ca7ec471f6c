/** Random clocks and tokens, against the simplest guard that can be written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harness } from './harness.js';
import { JID, STEP, tokenOf, withWrongSignature } from './reference.js';

interface Setup {
  readonly window: { readonly past: number; readonly future: number };
  readonly capacity: number;
}

/** A ring of sets, one a step; it forgets a step when a later one needs the place. */
class Model {
  readonly #setup: Setup;
  readonly #ring = new Map<number, { step: number; readonly nonces: Set<number> }>();

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  verdict(now: number, step: number, nonce: number): string {
    const { window, capacity } = this.#setup;
    if (step < now - window.past || step > now + window.future) return 'wrong-otp';
    const place = step % (window.past + window.future + 1);
    const held = this.#ring.get(place);
    if (held !== undefined && held.step > step) return 'stale';
    const { nonces } = held?.step === step ? held : { nonces: new Set<number>() };
    this.#ring.set(place, { step, nonces });
    if (nonces.has(nonce)) return 'replayed';
    if (nonces.size >= capacity) return 'guard-unavailable';
    nonces.add(nonce);
    return 'accepted';
  }
}

interface Action {
  /** Steps that the clock moves before. */
  readonly move: number;
  /** Step of the token, from the clock. */
  readonly drift: number;
  readonly nonce: number;
  readonly forged: boolean;
}

const action: fc.Arbitrary<Action> = fc.record({
  move: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.constantFrom(1, 1, 1, -1, 2) },
    { weight: 1, arbitrary: fc.integer({ min: -12, max: 12 }) },
  ),
  drift: fc.integer({ min: -4, max: 4 }),
  nonce: fc.nat(5),
  forged: fc.nat(9).map((n) => n === 0),
});
const setup: fc.Arbitrary<Setup> = fc.record({
  window: fc.record({ past: fc.nat(3), future: fc.nat(3) }),
  capacity: fc.constantFrom(1, 2, 3, 100),
});

const tokens = new Map<string, string>();
function token(step: number, nonce: number): string {
  const name = `${step} ${nonce}`;
  const known = tokens.get(name) ?? tokenOf({ step, nonce });
  tokens.set(name, known);
  return known;
}

describe('the guard', () => {
  it('answers as a simple model does, alone and in batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        setup,
        fc.array(action, { minLength: 1, maxLength: 80 }),
        async (setup, actions) => {
          const options = { window: setup.window, replay: { capacity: setup.capacity } };
          const [single, batched] = await Promise.all([harness(options), harness(options)]);
          const model = new Model(setup);
          const accepted = new Set<string>();
          let now = STEP;
          let waiting: { token: string; code: string }[] = [];
          const flush = () => {
            const verdicts = batched.verifier.verifyBatch(
              waiting.map(() => JID),
              waiting.map(({ token }) => token),
            );
            expect([...verdicts].map(({ code }) => code)).toEqual(waiting.map(({ code }) => code));
            waiting = [];
          };
          for (const { move, drift, nonce, forged } of actions) {
            if (move !== 0) flush();
            now += move;
            single.at(now);
            batched.at(now);
            const step = now + drift;
            const inside = drift >= -setup.window.past && drift <= setup.window.future;
            // A forged token gets no further than its signature, and leaves no trace in the model.
            const good = token(step, nonce);
            const sent = forged ? withWrongSignature(good) : good;
            const forgedCode = inside ? 'bad-signature' : 'wrong-otp';
            const code = forged ? forgedCode : model.verdict(now, step, nonce);
            expect(single.verifier.verify(JID, sent).code, `${step - STEP} at ${now - STEP}`).toBe(
              code,
            );
            waiting.push({ token: sent, code });
            if (code === 'accepted') {
              expect(accepted.has(sent), 'accepted twice').toBe(false);
              accepted.add(sent);
            }
          }
          flush();
        },
      ),
      { numRuns: 400 },
    );
  });

  it('never rejects a fresh token while the clock only rises and there is room', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(3), fc.integer({ min: -1, max: 1 })), { maxLength: 60 }),
        async (moves) => {
          const { verifier, at } = await harness();
          let now = STEP;
          for (const [nonce, [move, drift]] of moves.entries()) {
            now += move;
            at(now);
            expect(verifier.verify(JID, tokenOf({ step: now + drift, nonce })).code).toBe(
              'accepted',
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
