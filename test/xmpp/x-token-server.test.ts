/** The server's side of X-TOKEN, held to what Prosody's mod_sasl_token answered. */
import { describe, expect, it } from 'vitest';
import { createVerifier, type Verdict } from '../../src/index.js';
import { createXTokenServer, type SaslAnswer } from '../../src/xmpp/index.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf } from '../token/reference.js';
import cases from '../vectors/prosody-sasl.json' with { type: 'json' };

/** Where we answer otherwise than the original, and why. */
const STRICTER: Readonly<Record<string, readonly [condition: string, why: string]>> = {
  'sasl-003': ['invalid-authzid', 'RFC 4616 §2: the authzid is the user’s own or empty'],
  'sasl-005': ['malformed-request', 'an authzid that is no UTF-8'],
  'sasl-007': ['malformed-request', 'a third NUL'],
  'sasl-015': ['not-authorized', 'the original throws and never answers'],
  'sasl-067': ['not-authorized', 'the original throws and never answers'],
  'sasl-081': ['not-authorized', 'text before the token'],
  'sasl-085': ['not-authorized', 'base64 with a space in it'],
  'sasl-093': ['not-authorized', 'a nonce of another length'],
  'sasl-099': ['not-authorized', 'a digit moved from the nonce to the name'],
};

describe('Prosody’s vectors', () => {
  for (const { id, description, host, now, otpSeed, tokenSecret, messageBase64, ...prosody } of cases) {
    const [stricter, why] = STRICTER[id] ?? [];
    const expected = stricter ?? (prosody.expected === 'success' ? 'success' : prosody.condition);
    it(`${id}, ${description}: ${expected}${why ? `, ${why}` : ''}`, async () => {
      const verifier = await createVerifier({
        // The keys of these vectors are short; Prosody takes them as they are.
        hosts: { [host]: { otpSeed, tokenSecret } },
        clock: () => now * 1000,
      });
      const attempt = createXTokenServer({ host, verify: (jid, token) => verifier.verify(jid, token) });
      const answer = await attempt.respondBase64(messageBase64);
      if (expected === 'success') {
        expect(answer).toMatchObject({
          kind: 'success',
          jid: `${prosody.username}@${host}`,
          localpart: prosody.username,
        });
        const again = createXTokenServer({ host, verify: (jid, token) => verifier.verify(jid, token) });
        expect(await again.respondBase64(messageBase64)).toMatchObject({ reason: 'replayed' });
      } else {
        expect(answer).toMatchObject({ kind: 'failure', condition: expected });
      }
    });
  }
});

const accepted: Verdict = { ok: true, code: 'accepted', step: STEP, drift: 0, keyIndex: 0 };
const utf8 = (text: string) => new TextEncoder().encode(text);

/** An attempt whose verifier answers `verdict`, and what it was asked. */
function attempt(verdict: Verdict | Promise<Verdict> = accepted, host = 'example.com') {
  const asked: string[] = [];
  const server = createXTokenServer({
    host,
    verify: (jid, token) => {
      asked.push(jid, token);
      return verdict;
    },
  });
  return { server, asked };
}

describe('an attempt', () => {
  it('is for the prepared jid and token', async () => {
    const { server, asked } = attempt();
    const answer = await server.respond(utf8('\0ZOË\0１２３ t\u00adoken'));
    expect(asked).toEqual(['zoë@example.com', '123 token']);
    expect(answer).toEqual({ kind: 'success', jid: 'zoë@example.com', localpart: 'zoë', verdict: accepted });
  });

  for (const [authzid, condition] of [
    ['', undefined],
    ['alice@example.com', undefined],
    ['ALICE@EXAMPLE.COM', undefined],
    ['bob@example.com', 'invalid-authzid'],
    ['alice@example.org', 'invalid-authzid'],
    ['alice', 'invalid-authzid'],
    ['alice@example.com/phone', 'invalid-authzid'],
    ['a'.repeat(1024), 'malformed-request'],
  ] as const) {
    it(`with the authzid ${authzid.slice(0, 30) || 'left out'}: ${condition ?? 'success'}`, async () => {
      const { server, asked } = attempt();
      const answer = await server.respond(utf8(`${authzid}\0alice\0token`));
      expect(answer).toMatchObject(condition ? { kind: 'failure', condition } : { kind: 'success' });
      expect(asked.length).toBe(condition ? 0 : 2);
    });
  }

  it('without an initial response is asked for one, once', async () => {
    const { server } = attempt();
    expect(await server.respondBase64('')).toEqual({ kind: 'challenge' });
    expect(await server.respondBase64(btoa('\0alice\0token'))).toMatchObject({ kind: 'success' });
    const { server: silent } = attempt();
    await silent.respondBase64('');
    expect(await silent.respondBase64('')).toMatchObject({ condition: 'malformed-request' });
  });

  it('is over after its answer', async () => {
    const { server, asked } = attempt();
    const message = utf8('\0alice\0token');
    await server.respond(message);
    expect(await server.respond(message)).toMatchObject({ condition: 'malformed-request' });
    expect(await server.respondBase64('')).toMatchObject({ condition: 'malformed-request' });
    expect(asked.length).toBe(2);
  });

  it('may be aborted', async () => {
    const { server, asked } = attempt();
    expect(server.abort()).toEqual({ kind: 'failure', condition: 'aborted', reason: 'aborted' });
    expect(await server.respond(utf8('\0alice\0token'))).toMatchObject({ condition: 'malformed-request' });
    expect(asked).toEqual([]);
  });

  for (const text of ['AGFsaWNl AHRva2Vu', 'AGFsaWNlAHRva2V', '*', '==', 'AGFsaWNlAHRva2Vu\n', 'AA=A']) {
    it(`in base64 that is none, ${JSON.stringify(text)}: incorrect-encoding`, async () => {
      const { server } = attempt();
      expect(await server.respondBase64(text)).toMatchObject({ condition: 'incorrect-encoding' });
      expect(await server.respond(utf8('\0alice\0token'))).toMatchObject({ condition: 'malformed-request' });
    });
  }

  it('of an empty message, written =, is malformed', async () => {
    expect(await attempt().server.respondBase64('=')).toMatchObject({ condition: 'malformed-request' });
  });

  it('of a megabyte is malformed, at once', async () => {
    const { server, asked } = attempt();
    expect(await server.respond(new Uint8Array(1 << 20))).toMatchObject({ condition: 'malformed-request' });
    expect(asked).toEqual([]);
  });

  it('tells rejections apart for logs alone', async () => {
    const seen = new Set<string>();
    for (const code of [
      'malformed',
      'unknown-host',
      'wrong-otp',
      'bad-signature',
      'replayed',
      'stale',
    ] as const) {
      const { server } = attempt({ ok: false, code });
      const answer = (await server.respond(utf8('\0alice\0token'))) as SaslAnswer & { kind: 'failure' };
      expect(answer.condition).toBe('not-authorized');
      seen.add(answer.reason);
    }
    expect(seen.size).toBe(6);
  });

  for (const [what, verdict] of [
    ['a guard that is not available', { ok: false, code: 'guard-unavailable' }],
    ['a verifier that is rejected', 'down'],
  ] as const) {
    it(`with ${what}: temporary-auth-failure`, async () => {
      const answered = verdict === 'down' ? Promise.reject(new Error(verdict)) : verdict;
      const answer = await attempt(answered).server.respond(utf8('\0alice\0token'));
      expect(answer).toMatchObject({ kind: 'failure', condition: 'temporary-auth-failure' });
    });
  }

  it('leaves no token in what it shows', async () => {
    const verifier = await createVerifier({ hosts: { 'example.com': KEYS }, clock: () => STEP * PERIOD_MS });
    const token = tokenOf();
    const server = createXTokenServer({ host: 'example.com', verify: (...args) => verifier.verify(...args) });
    const answer = await server.respond(utf8(`\0${JID.split('@')[0]}\0${token}`));
    expect(answer.kind).toBe('success');
    expect(JSON.stringify([answer, server])).not.toContain(token.slice(8, 40));
  });
});

describe('bad options', () => {
  for (const [field, options] of [
    ['host', { host: '', verify: () => accepted }],
    ['host', { host: 'a\ue000', verify: () => accepted }],
    ['host', { verify: () => accepted }],
    ['verify', { host: 'example.com' }],
  ] as const) {
    it(`${field}: one error that names it`, () => {
      expect(() => createXTokenServer(options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', field }),
      );
    });
  }
});
