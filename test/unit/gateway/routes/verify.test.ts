import { describe, expect, it } from 'vitest';
import { createGuardedVerifier } from '../../../../src/index.js';
import { prepareJid } from '../../../../src/xmpp/index.js';
import { MapStore } from '../../guards/map-guard.js';
import { JID, PERIOD_MS, STEP, withWrongSignature } from '../../token/reference.js';
import { bearer, freshToken, HOSTS, harness, ISSUE_SECRET } from '../harness.js';

const { post, ask, told } = await harness({ issueSecret: ISSUE_SECRET });

/** Everything of an answer that a client sees. */
async function seen(response: Response): Promise<string> {
  return JSON.stringify([response.status, [...response.headers], await response.text()]);
}

describe('POST /v1/verify', () => {
  it('accepts a token once, and names its account by the prepared jid', async () => {
    const token = freshToken();
    const first = await post('/v1/verify', { jid: 'ALICE@Example.com', token });
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual({ ok: true, jid: JID, step: STEP, drift: 0, keyIndex: 0 });
    expect((await post('/v1/verify', { jid: JID, token })).status).toBe(401);
    expect(told.slice(-2).map(({ verdict }) => verdict.code)).toEqual(['accepted', 'replayed']);
  });

  it('answers every rejection with the same bytes, and tells the observer the reason', async () => {
    const used = freshToken();
    await post('/v1/verify', { jid: JID, token: used });
    const bad = [
      [JID, used],
      [JID, 'no token'],
      [JID, ''],
      [JID, withWrongSignature(freshToken())],
      [JID, freshToken(JID, STEP - 5)],
      ['alice@elsewhere.example', freshToken('alice@elsewhere.example')],
      ['bob@example.com', freshToken()],
      ['', freshToken()],
      ['alice@example.com/phone', freshToken()],
    ];
    const answers = new Set<string>();
    const before = told.length;
    for (const [jid, token] of bad)
      answers.add(await seen(await post('/v1/verify', { jid, token })));
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain('www-authenticate');
    expect(told.slice(before).map(({ verdict }) => verdict.code)).toEqual([
      'replayed',
      'malformed',
      'malformed',
      'bad-signature',
      'wrong-otp',
      'unknown-host',
      'bad-signature',
      'malformed',
      'malformed',
    ]);
  });

  it('gives the reason of a rejection if the option reasons is set', async () => {
    const { post } = await harness({ reasons: true });
    const answer = await post('/v1/verify', { jid: JID, token: 'x' });
    expect(await answer.json()).toEqual({ ok: false, error: 'unauthorized', code: 'malformed' });
  });

  it.each([
    ['text that is not JSON', 'jid=alice', 'application/json', 400, 'the body is not JSON'],
    ['an array', '[]', 'application/json', 400, 'not an object with the required fields'],
    ['null', 'null', 'application/json', 400, 'not an object with the required fields'],
    [
      'an object without a field',
      '{"jid":"a@b"}',
      'application/json',
      400,
      'token: missing, or of the wrong type',
    ],
    [
      'a field of the wrong type',
      '{"jid":1,"token":""}',
      'application/json',
      400,
      'jid: missing, or of the wrong type',
    ],
    [
      'an unknown field',
      '{"jid":"a","token":"","SECRETX":1}',
      'application/json',
      400,
      'an unknown field',
    ],
    [
      'a token that is too long',
      JSON.stringify({ jid: '', token: 'x'.repeat(1025) }),
      'application/json',
      400,
      'token: too long',
    ],
    [
      'a form',
      'jid=alice',
      'application/x-www-form-urlencoded',
      415,
      'send content-type: application/json',
    ],
    [
      'a body that is too large',
      `{"jid":"${'x'.repeat(20_000)}"}`,
      'application/json',
      413,
      'more than 16384 bytes',
    ],
  ])('refuses %s, and says what is wrong', async (_what, body, type, status, detail) => {
    const answer = await post('/v1/verify', body, { 'content-type': type });
    expect([answer.status, (await answer.json()).detail]).toEqual([status, detail]);
  });

  it('refuses a body that is not UTF-8', async () => {
    const body = Uint8Array.from([
      ...Buffer.from('{"jid":"'),
      0xff,
      0xfe,
      ...Buffer.from('","token":""}'),
    ]);
    const answer = await ask('/v1/verify', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
  });

  it.each([
    ['ends', 30_000, 413],
    ['never ends', Number.POSITIVE_INFINITY, 413],
  ])(
    'refuses a body above the limit that states no length and %s',
    async (_what, bytes, status) => {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent >= bytes) return controller.close();
          sent += 1000;
          controller.enqueue(new Uint8Array(1000).fill(0x20));
        },
      });
      const init = {
        method: 'POST',
        body,
        duplex: 'half',
        headers: { 'content-type': 'application/json' },
      };
      const answer = await ask('/v1/verify', init as RequestInit);
      expect(answer.status).toBe(status);
      expect(sent).toBeLessThan(20_000);
    },
  );

  it('answers 408 if the body does not come in time', async () => {
    const { ask } = await harness({ limits: { bodyMs: 20 } });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('{')),
    });
    const init = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    };
    expect((await ask('/v1/verify', init as RequestInit)).status).toBe(408);
  });
});

describe('POST /v1/issue', () => {
  it('gives a client with the credential a token that is accepted', async () => {
    const answer = await post('/v1/issue', { jid: 'Alice@example.com' }, bearer(ISSUE_SECRET));
    const { jid, token } = (await answer.json()) as { jid: string; token: string };
    expect([answer.status, jid]).toEqual([200, JID]);
    expect((await post('/v1/verify', { jid, token })).status).toBe(200);
  });

  it.each([{}, bearer('wrong'), bearer(`${ISSUE_SECRET}x`), { authorization: ISSUE_SECRET }])(
    'refuses a client with the headers %j',
    async (headers) => {
      expect((await post('/v1/issue', { jid: JID }, headers)).status).toBe(401);
    },
  );

  it('refuses a jid of an unknown host', async () => {
    expect((await post('/v1/issue', { jid: 'a@b.example' }, bearer(ISSUE_SECRET))).status).toBe(
      400,
    );
  });

  it('is not found if no credential is set for it', async () => {
    const { post } = await harness();
    expect((await post('/v1/issue', { jid: JID }, bearer(''))).status).toBe(404);
  });
});

describe('a verifier that fails', () => {
  it('is answered 503, and reported as a fault and as guard-unavailable', async () => {
    const faults: string[] = [];
    const told: string[] = [];
    const { gateway } = await harness();
    const { verifier } = gateway;
    const { post } = await harness({
      verifier: {
        hosts: [],
        setHost() {},
        removeHost: () => true,
        verify: () => Promise.reject(new Error('the store is gone')),
        verifyBatch: (jids, tokens) => verifier.verifyBatch(jids, tokens),
        verifyLines: (lines) => verifier.verifyLines(lines),
      },
      observer: {
        verified: ({ verdict }) => void told.push(verdict.code),
        batch() {},
        event() {},
        fault: (where) => void faults.push(where),
      },
    });
    expect((await post('/v1/verify', { jid: JID, token: freshToken() })).status).toBe(503);
    expect([faults, told]).toEqual([['verify'], ['guard-unavailable']]);
  });
});

describe('a guard that gateways share', () => {
  it('has each token accepted by one of them alone', async () => {
    const store = new MapStore();
    const clock = Date.now;
    const now = Math.floor(clock() / PERIOD_MS);
    const gateways = await Promise.all(
      [1, 2, 3].map(async () =>
        harness({
          clock,
          verifier: await createGuardedVerifier({
            hosts: HOSTS,
            clock,
            guard: store.open(),
            prepareJid,
          }),
        }),
      ),
    );
    const token = freshToken(JID, now);
    const answers = await Promise.all(
      gateways.map(({ post }) => post('/v1/verify', { jid: JID, token })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const body = `${JID}\t${freshToken(JID, now)}\n${JID}\t${token}\n`;
    const headers = { 'content-type': 'text/plain', accept: 'text/plain' };
    const batch = await gateways[0]!.ask('/v1/verify/batch', { method: 'POST', body, headers });
    expect(await batch.text()).toBe('accepted\nrejected\n');
  });
});

describe('a gateway', () => {
  it('is healthy, and ready until it drains or has no hosts', async () => {
    const { gateway, ask } = await harness();
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
    gateway.drain();
    expect((await ask('/readyz')).status).toBe(503);
    expect((await (await harness({ hosts: {} })).ask('/readyz')).status).toBe(503);
  });

  it('is not ready while its guard is full', async () => {
    const { post, ask } = await harness({ replay: { capacity: 1 } });
    for (let i = 0; i < 50; i++) await post('/v1/verify', { jid: JID, token: freshToken() });
    expect((await ask('/readyz')).status).toBe(503);
  });

  it('describes at /openapi.json the fields and limits that it enforces', async () => {
    const document = await (await ask('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(document.components.schemas.VerifyRequest).toMatchObject({
      type: 'object',
      required: ['jid', 'token'],
      additionalProperties: false,
      properties: { jid: { maxLength: 3071 }, token: { maxLength: 1024 } },
    });
    expect(Object.keys(document.paths)).toContain('/v1/verify/batch');
  });

  it('answers an unknown path with not-found', async () => {
    expect(await (await ask('/nothing')).json()).toEqual({ error: 'not-found' });
  });
});
