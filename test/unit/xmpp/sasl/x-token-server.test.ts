/** The states of an attempt, and the answers to verdicts. */
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createGuardedVerifier,
  type ReplayGuard,
  type Verdict,
  VerifierError,
} from '../../../../src/index.js';
import { createXTokenServer, type XTokenServer } from '../../../../src/xmpp/index.js';
import { KEYS, STEP, tokenOf } from '../../token/reference.js';
import { ACCEPTED, attempt, base64, HOST, JID, messageOf, utf8 } from './harness.js';

describe('an attempt', () => {
  const good = messageOf('', 'alice', tokenOf());
  const malformed = { kind: 'failure', condition: 'malformed-request' };

  it('without an initial response is asked for it', async () => {
    const started = attempt();
    expect(await started.respondBase64('')).toEqual({ kind: 'challenge' });
    expect(await started.respondBase64(base64(good))).toMatchObject({ kind: 'success' });
  });

  it('is asked for its response only once', async () => {
    const started = attempt();
    expect(await started.respond()).toEqual({ kind: 'challenge' });
    expect(await started.respond()).toMatchObject(malformed);
    expect(await started.respond(good)).toMatchObject(malformed);
  });

  it('ends with its success', async () => {
    const verify = vi.fn(() => ACCEPTED);
    const started = attempt(verify);
    await started.respond(good);
    expect(await started.respond(good)).toMatchObject(malformed);
    expect(await started.respond()).toMatchObject(malformed);
    expect(await started.respondBase64('?')).toMatchObject({ kind: 'failure' });
    expect(verify).toHaveBeenCalledTimes(1);
  });

  for (const [how, fail] of [
    ['a malformed message', (started: XTokenServer) => started.respond(utf8('x'))],
    ['bad base64', (started: XTokenServer) => started.respondBase64('?')],
    ['an abort', (started: XTokenServer) => started.abort()],
  ] as const) {
    it(`ends with ${how}`, async () => {
      const verify = vi.fn(() => ACCEPTED);
      const started = attempt(verify);
      expect(await fail(started)).toMatchObject({ kind: 'failure' });
      expect(await started.respond(good)).toMatchObject(malformed);
      expect(await started.respond()).toMatchObject(malformed);
      expect(verify).not.toHaveBeenCalled();
    });
  }

  it('is answered with aborted if it is aborted', () => {
    // The answer has no field for a jid, as no message came.
    expect(attempt().abort()).toStrictEqual({
      kind: 'failure',
      condition: 'aborted',
      reason: 'aborted',
    });
  });

  it('refuses base64 whose last character says more than its bytes hold, RFC 4648 §4', async () => {
    const encoded = base64(good);
    const odd = encoded.replace(/.(?==*$)/, (last) => String.fromCharCode(last.charCodeAt(0) + 1));
    expect(Buffer.from(odd, 'base64')).toEqual(Buffer.from(encoded, 'base64'));
    const verify = vi.fn(() => ACCEPTED);
    expect(await attempt(verify).respondBase64(odd)).toMatchObject({
      condition: 'incorrect-encoding',
    });
    expect(verify).not.toHaveBeenCalled();
  });

  for (const [how, disturb] of [
    ['aborts', (started: XTokenServer) => started.abort()],
    ['sends more', (started: XTokenServer) => started.respond(good)],
    ['sends bad base64', (started: XTokenServer) => started.respondBase64('?')],
  ] as const) {
    it(`logs nobody in when the client ${how} before the verdict`, async () => {
      let decide: (verdict: Verdict) => void = () => {};
      const verify = vi.fn(
        () =>
          new Promise<Verdict>((resolve) => {
            decide = resolve;
          }),
      );
      const started = attempt(verify);
      const answer = started.respond(good);
      expect(await disturb(started)).toMatchObject({ kind: 'failure' });
      decide(ACCEPTED);
      expect(await answer).toMatchObject({ kind: 'failure', condition: 'aborted', jid: JID });
      expect(verify).toHaveBeenCalledTimes(1);
    });
  }

  it('shows no token when it is inspected, even during a verification', async () => {
    const started = attempt(() => new Promise(() => {}));
    void started.respond(good);
    expect(inspect(started, { depth: 9, showHidden: true })).not.toContain(tokenOf().slice(0, 40));
  });

  it('rejects a value of a wrong type with a TypeError, and can go on', async () => {
    const started = attempt();
    await expect(started.respond('text' as never)).rejects.toThrow(TypeError);
    for (const none of [null, 5, ['AA==']]) {
      await expect(started.respondBase64(none as never)).rejects.toThrow(/^text: must be a string/);
    }
    expect(await started.respond(good)).toMatchObject({ kind: 'success' });
  });
});

describe('the answer of the verifier', () => {
  const good = messageOf('', 'alice', tokenOf());

  for (const code of [
    'malformed',
    'unknown-host',
    'wrong-otp',
    'bad-signature',
    'replayed',
  ] as const) {
    it(`${code} is not-authorized for the client`, async () => {
      const answer = await attempt(() => ({ ok: false, code })).respond(good);
      expect(answer).toEqual({
        kind: 'failure',
        condition: 'not-authorized',
        reason: code,
        jid: JID,
      });
    });
  }

  for (const code of ['stale', 'guard-unavailable'] as const) {
    it(`${code} is a temporary failure`, async () => {
      const answer = await attempt(async () => ({ ok: false, code })).respond(good);
      expect(answer).toMatchObject({ condition: 'temporary-auth-failure', reason: code });
    });
  }

  it('may be a promise, as from a verifier with a guard', async () => {
    const used = new Set<string>();
    let isUp = false;
    const guard: ReplayGuard = {
      remember: async (marks) => {
        if (!isUp) throw new Error('down');
        return marks.map(({ id }) => {
          const known = used.size;
          return used.add(id).size > known ? 'fresh' : 'replayed';
        });
      },
    };
    const clock = () => (STEP + 0.5) * 30_000;
    const verifier = await createGuardedVerifier({ hosts: { [HOST]: KEYS }, clock, guard });
    onTestFinished(() => verifier.dispose());
    const login = () => attempt((jid, token) => verifier.verify(jid, token)).respond(good);
    expect(await login()).toMatchObject({ condition: 'temporary-auth-failure' });
    isUp = true;
    expect(await login()).toMatchObject({ kind: 'success', jid: JID });
    expect(await login()).toMatchObject({ reason: 'replayed' });
  });

  for (const [how, verify] of [
    [
      'throws',
      () => {
        throw new Error('no database');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('no database');
      },
    ],
  ] as const) {
    it(`is a temporary failure if the verifier ${how}, with a cause that is not shown`, async () => {
      const answer = await attempt(verify).respond(good);
      const condition = 'temporary-auth-failure';
      expect(answer).toEqual({ kind: 'failure', condition, reason: condition, jid: JID });
      expect('cause' in answer && answer.cause).toEqual(new Error('no database'));
      // The message of a foreign error may contain the token.
      expect(inspect(answer) + JSON.stringify(answer)).not.toContain('database');
    });
  }

  for (const nonsense of [undefined, null, true, 1, 'accepted', {}, { ok: 'yes' }, { ok: 1 }]) {
    it(`${JSON.stringify(nonsense)} lets nobody in`, async () => {
      const answer = await attempt(() => nonsense as never).respond(good);
      expect(answer).toMatchObject({ kind: 'failure', condition: 'temporary-auth-failure' });
      expect('cause' in answer && answer.cause).toBeInstanceOf(TypeError);
    });
  }
});

describe('createXTokenServer', () => {
  it('prepares its host', async () => {
    const started = createXTokenServer({ host: 'Example.COM.', verify: () => ACCEPTED });
    expect(await started.respond(messageOf('', 'alice', 'x'))).toMatchObject({ jid: JID });
  });

  for (const [field, options] of [
    ['options', null],
    ['options.domain', { host: HOST, verify: () => ACCEPTED, domain: HOST }],
    ['host', { verify: () => ACCEPTED }],
    ['host', { host: 'exam ple', verify: () => ACCEPTED }],
    ['host', { host: JID, verify: () => ACCEPTED }],
    ['host', { host: '', verify: () => ACCEPTED }],
    ['verify', { host: HOST }],
    ['verify', { host: HOST, verify: { verify: () => ACCEPTED } }],
  ] as const) {
    it(`names ${field} as the fault of ${inspect(options)}`, () => {
      const make = () => createXTokenServer(options as never);
      expect(make).toThrow(VerifierError);
      expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', field }));
    });
  }
});
