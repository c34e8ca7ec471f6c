import { describe, expect, it } from 'vitest';
import { type Harness, harness } from './harness.js';
import {
  JID,
  KEYS,
  OTHER_KEYS,
  STEP,
  stepsWithOneOtp,
  tokenOf,
  withWrongSignature,
} from './reference.js';

/** Verdict on token number `nonce` of a step. */
function present({ verifier }: Harness, step: number, nonce = 0): string {
  return verifier.verify(JID, tokenOf({ step, nonce })).code;
}

describe('a token is accepted once', () => {
  it('however often it is presented', async () => {
    const made = await harness();
    const codes = Array.from({ length: 1000 }, () => present(made, STEP));
    expect(codes).toEqual(['accepted', ...Array.from({ length: 999 }, () => 'replayed')]);
  });

  it('from each step of the window, at each other step at which it can be seen', async () => {
    for (let first = STEP - 1; first <= STEP + 1; first++) {
      for (let again = first; again <= STEP + 1; again++) {
        const made = await harness();
        made.at(first);
        expect(present(made, STEP)).toBe('accepted');
        made.at(again);
        expect(present(made, STEP), `accepted at ${first}, again at ${again}`).toBe('replayed');
      }
    }
  });

  it('while tokens of all pairs of steps come in between', async () => {
    for (const window of [
      { past: 1, future: 1 },
      { past: 3, future: 2 },
    ]) {
      const made = await harness({ window });
      let nonce = 0;
      for (let a = -window.past; a <= window.future; a++) {
        for (let b = -window.past; b <= window.future; b++) {
          const [first, second] = [nonce++, nonce++];
          expect(present(made, STEP + a, first)).toBe('accepted');
          expect(present(made, STEP + b, second)).toBe('accepted');
          for (const [step, of] of [
            [a, first],
            [b, second],
            [a, first],
          ] as const) {
            expect(present(made, STEP + step, of), `${a}, ${b}`).toBe('replayed');
          }
        }
      }
    }
  });

  it('until its step has left the window, and is wrong-otp after that', async () => {
    const made = await harness();
    made.at(STEP - 1);
    expect(present(made, STEP)).toBe('accepted');
    for (const [now, code] of [
      [STEP - 1, 'replayed'],
      [STEP, 'replayed'],
      [STEP + 1, 'replayed'],
      [STEP + 2, 'wrong-otp'],
      [STEP + 3, 'wrong-otp'],
    ] as const) {
      made.at(now);
      // Fresh tokens of every step in sight push nothing out.
      for (let step = now - 1; step <= now + 1; step++) present(made, step, now * 10 + step);
      expect(present(made, STEP), `at ${now - STEP}`).toBe(code);
    }
  });
});

describe('another token', () => {
  it('differs in nonce, step, jid or key', async () => {
    const { verifier } = await harness({
      hosts: { 'example.com': [KEYS, { ...KEYS, tokenSecret: 'next' }] },
    });
    const others = [
      [JID, tokenOf({ nonce: 1 })],
      [JID, tokenOf({ nonce: 2 })],
      [JID, tokenOf({ nonce: 1, step: STEP + 1 })],
      ['bob@example.com', tokenOf({ nonce: 1, jid: 'bob@example.com' })],
      [JID, tokenOf({ nonce: 1, keys: { ...KEYS, tokenSecret: 'next' } })],
    ] as const;
    for (const [jid, token] of others) expect(verifier.verify(jid, token).code).toBe('accepted');
    for (const [jid, token] of others) expect(verifier.verify(jid, token).code).toBe('replayed');
  });

  it('differs in its host alone, with the same keys and localpart', async () => {
    const { verifier } = await harness({ hosts: { a: KEYS, b: KEYS } });
    for (const code of ['accepted', 'replayed']) {
      for (const jid of ['alice@a', 'alice@b']) {
        expect(verifier.verify(jid, tokenOf({ jid })).code).toBe(code);
      }
    }
  });
});

describe('a failed attempt', () => {
  it('uses nothing up, and leaves no entry', async () => {
    const made = await harness({ hosts: { 'example.com': KEYS, other: OTHER_KEYS } });
    const { verifier } = made;
    const token = tokenOf();
    for (const [jid, attempt] of [
      [JID, withWrongSignature(token)],
      [JID, token.slice(0, 84)],
      [JID, `${token} `],
      ['bob@example.com', token],
      ['alice@other', token],
      ['alice@unknown', token],
      ['', token],
      [JID, tokenOf({ step: STEP + 2 })],
      [JID, tokenOf({ step: STEP - 2 })],
    ] as const) {
      expect(verifier.verify(jid, attempt).ok).toBe(false);
      expect(
        verifier.verifyBatch([jid, jid, jid, jid], [attempt, attempt, attempt, attempt]).accepted,
      ).toBe(0);
    }
    expect(verifier.replay.generations).toEqual([]);
    expect(present(made, STEP)).toBe('accepted');
    expect(verifier.replay.generations).toEqual([{ step: STEP, entries: 1 }]);
  });

  it('that comes too early leaves the token good for its time', async () => {
    const made = await harness();
    made.at(STEP - 2);
    expect(present(made, STEP)).toBe('wrong-otp');
    made.at(STEP - 1);
    expect(present(made, STEP)).toBe('accepted');
  });
});

describe('a clock that goes back', () => {
  it('within the window loses no token and makes none stale', async () => {
    const made = await harness();
    expect(present(made, STEP)).toBe('accepted');
    made.at(STEP - 1);
    expect(present(made, STEP)).toBe('replayed');
    expect(present(made, STEP, 1)).toBe('accepted');
    expect(present(made, STEP - 1)).toBe('accepted');
    expect(present(made, STEP - 2)).toBe('accepted');
  });

  it('by a step makes tokens stale only where the guard has moved on', async () => {
    const made = await harness();
    expect(present(made, STEP - 1)).toBe('accepted');
    made.at(STEP + 1);
    // STEP + 2 takes the place of STEP - 1 in the guard; STEP + 1 has taken none.
    expect(present(made, STEP + 2)).toBe('accepted');
    made.at(STEP);
    expect(present(made, STEP - 1), 'accepted before, forgotten').toBe('stale');
    expect(present(made, STEP - 1, 1), 'fresh, but nobody can tell').toBe('stale');
    expect(present(made, STEP)).toBe('accepted');
    expect(present(made, STEP + 1)).toBe('accepted');
  });

  it('by many steps makes the guard accept no accepted token again', async () => {
    const made = await harness();
    for (let step = STEP - 20; step <= STEP; step++) {
      made.at(step);
      expect(present(made, step)).toBe('accepted');
    }
    for (let step = STEP - 20; step <= STEP; step++) {
      made.at(step);
      const known = step > STEP - 3;
      expect(present(made, step), `${step - STEP}`).toBe(known ? 'replayed' : 'stale');
      expect(present(made, step, 1), `${step - STEP}, fresh`).toBe(known ? 'accepted' : 'stale');
    }
  });

  it('after a jump forward keeps all steps that the jump did not replace', async () => {
    const made = await harness();
    for (const step of [STEP - 1, STEP, STEP + 1]) expect(present(made, step)).toBe('accepted');
    made.at(STEP + 900);
    expect(present(made, STEP + 900)).toBe('accepted');
    made.at(STEP);
    // 900 is a multiple of three: it stands where STEP stood.
    expect(present(made, STEP)).toBe('stale');
    expect(present(made, STEP, 1)).toBe('stale');
    expect(present(made, STEP - 1)).toBe('replayed');
    expect(present(made, STEP + 1)).toBe('replayed');
    expect(present(made, STEP - 1, 1)).toBe('accepted');
    made.at(STEP + 900);
    expect(present(made, STEP + 900)).toBe('replayed');
  });

  it('after a jump in which no token was accepted changes nothing', async () => {
    const made = await harness();
    expect(present(made, STEP)).toBe('accepted');
    made.at(STEP + 1_000_000);
    expect(present(made, STEP)).toBe('wrong-otp');
    expect(
      made.verifier.verify(JID, withWrongSignature(tokenOf({ step: STEP + 1_000_000 }))).ok,
    ).toBe(false);
    made.at(STEP);
    expect(present(made, STEP)).toBe('replayed');
    expect(present(made, STEP, 1)).toBe('accepted');
  });

  it('and stands still accepts new tokens of its window for ever', async () => {
    const made = await harness();
    for (let nonce = 0; nonce < 3000; nonce++) {
      expect(present(made, STEP - 1 + (nonce % 3), nonce)).toBe('accepted');
    }
    expect(made.verifier.replay.generations.map(({ entries }) => entries)).toEqual([
      1000, 1000, 1000,
    ]);
  });
});

describe('a full guard', () => {
  for (const capacity of [1, 2, 6, 7, 8, 13, 14, 15, 100, 1000]) {
    it(`accepts exactly ${capacity} a step, then answers guard-unavailable, and replays stay replayed`, async () => {
      const made = await harness({ replay: { capacity } });
      const nonces = Array.from({ length: capacity }, (_, i) => i);
      for (const nonce of nonces) expect(present(made, STEP, nonce), `${nonce}`).toBe('accepted');
      for (let nonce = capacity; nonce < capacity + 10; nonce++) {
        expect(present(made, STEP, nonce)).toBe('guard-unavailable');
      }
      for (const nonce of nonces) expect(present(made, STEP, nonce), `${nonce}`).toBe('replayed');
      expect(made.verifier.replay.generations).toEqual([{ step: STEP, entries: capacity }]);
    });
  }

  it('has room for its other steps, and for the next one in time', async () => {
    const made = await harness({ replay: { capacity: 1 } });
    for (const step of [STEP - 1, STEP, STEP + 1]) {
      expect(present(made, step)).toBe('accepted');
      expect(present(made, step, 1)).toBe('guard-unavailable');
    }
    made.at(STEP + 1);
    expect(present(made, STEP + 2)).toBe('accepted');
    expect(present(made, STEP + 2, 1)).toBe('guard-unavailable');
    expect(present(made, STEP, 1)).toBe('guard-unavailable');
    expect(present(made, STEP)).toBe('replayed');
  });

  it('leaves a token that it rejected unused: another guard with room accepts it', async () => {
    const [full, empty] = await Promise.all([harness({ replay: { capacity: 1 } }), harness()]);
    present(full, STEP);
    expect(present(full, STEP, 1)).toBe('guard-unavailable');
    expect(present(empty, STEP, 1)).toBe('accepted');
  });

  it('in the middle of a batch rejects only the tokens without room', async () => {
    const { verifier } = await harness({ replay: { capacity: 3 } });
    const tokens = [0, 1, 1, 2, 3, 0, 4, 2].map((nonce) => tokenOf({ nonce }));
    const codes = verifier.verifyBatch(
      tokens.map(() => JID),
      tokens,
    );
    expect([...codes].map(({ code }) => code)).toEqual([
      'accepted',
      'accepted',
      'replayed',
      'accepted',
      'guard-unavailable',
      'replayed',
      'guard-unavailable',
      'replayed',
    ]);
  });
});

describe('the replay state', () => {
  it('has the capacity, the bytes and the remembered steps, oldest first', async () => {
    const made = await harness({ replay: { capacity: 1000 } });
    const { replay } = made.verifier;
    expect(replay.capacity).toBe(1000);
    expect(replay.generations).toEqual([]);
    // 14 bytes an entry for each of three steps, and a little more.
    expect(replay.bytes).toBeGreaterThanOrEqual(42_000);
    expect(replay.bytes).toBeLessThan(43_000);
    for (const [step, tokens] of [
      [STEP + 1, 1],
      [STEP - 1, 2],
      [STEP, 3],
    ] as const) {
      for (let nonce = 0; nonce < tokens; nonce++) present(made, step, nonce);
    }
    expect(made.verifier.replay.generations).toEqual([
      { step: STEP - 1, entries: 2 },
      { step: STEP, entries: 3 },
      { step: STEP + 1, entries: 1 },
    ]);
    made.at(STEP + 1);
    present(made, STEP + 2);
    expect(made.verifier.replay.generations).toEqual([
      { step: STEP, entries: 3 },
      { step: STEP + 1, entries: 1 },
      { step: STEP + 2, entries: 1 },
    ]);
    expect(made.verifier.replay.bytes).toBe(replay.bytes);
  });

  it('includes step 0', async () => {
    const made = await harness();
    made.clock.timeMs = 0;
    expect(present(made, 0)).toBe('accepted');
    expect(present(made, 0)).toBe('replayed');
    expect(made.verifier.replay.generations).toEqual([{ step: 0, entries: 1 }]);
  });
});

describe('rejectStepsBefore: start', () => {
  const options = { replay: { rejectStepsBefore: 'start' } } as const;

  it('makes tokens of all steps then in the window stale, and accepts those of the next step', async () => {
    const clock = { timeMs: STEP * 30_000 + 10_000 };
    const made = await harness({ ...options, clock: () => clock.timeMs });
    for (const step of [STEP - 1, STEP, STEP + 1]) expect(present(made, step)).toBe('stale');
    clock.timeMs += 30_000;
    for (const step of [STEP, STEP + 1]) expect(present(made, step)).toBe('stale');
    expect(present(made, STEP + 2)).toBe('accepted');
    expect(present(made, STEP + 2)).toBe('replayed');
  });

  it.each([0, 3])('does so with %s steps of the future in the window too', async (future) => {
    const clock = { timeMs: STEP * 30_000 };
    const made = await harness({
      ...options,
      window: { past: 0, future },
      clock: () => clock.timeMs,
    });
    expect(present(made, STEP + future)).toBe('stale');
    clock.timeMs += 30_000;
    expect(present(made, STEP + future + 1)).toBe('accepted');
  });

  it('reports other faults of a token first', async () => {
    const clock = { timeMs: STEP * 30_000 };
    const { verifier } = await harness({ ...options, clock: () => clock.timeMs });
    expect(verifier.verify(JID, withWrongSignature(tokenOf())).code).toBe('bad-signature');
    expect(verifier.verify(JID, tokenOf({ step: STEP - 2 })).code).toBe('wrong-otp');
  });

  it('holds when the clock goes back', async () => {
    const clock = { timeMs: STEP * 30_000 };
    const made = await harness({ ...options, clock: () => clock.timeMs });
    clock.timeMs = (STEP - 100) * 30_000;
    for (let step = STEP - 101; step <= STEP - 99; step++)
      expect(present(made, step)).toBe('stale');
  });

  it('is needed, as a new verifier without it knows nothing of the one before', async () => {
    expect(present(await harness(), STEP)).toBe('accepted');
    expect(present(await harness({ replay: { rejectStepsBefore: 'none' } }), STEP)).toBe(
      'accepted',
    );
  });
});

describe('two steps with the same OTP', () => {
  const digits = 6;
  const [first, second] = stepsWithOneOtp(digits);
  const token = tokenOf({ step: first, digits, nonce: 1 });
  const wide = () => harness({ digits, window: { past: 10, future: 10 } });
  /** Steps from which the first alone, both, and the second alone are seen. */
  const [early, both, late] = [first - 10, second - 10, second + 10];

  for (const [name, order] of [
    ['when both are in the window', [both, late, early, both]],
    ['when the first alone is', [early, both, both]],
    ['when the second alone is', [late, both, both]],
  ] as const) {
    it(`share the use of a token, used up ${name}`, async () => {
      const { verifier, at } = await wide();
      const codes = order.map((now) => {
        at(now);
        return verifier.verify(JID, token).code;
      });
      expect(codes).toEqual(['accepted', ...order.slice(1).map(() => 'replayed')]);
    });
  }

  it('give a verdict with the later step', async () => {
    const { verifier, at } = await wide();
    at(both);
    expect(verifier.verify(JID, token)).toMatchObject({
      code: 'accepted',
      step: second,
      drift: second - both,
    });
  });
});
