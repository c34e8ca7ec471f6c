/** Compares real answers of every route with their description in `/openapi.json`. */
import { z } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { SILENT } from '../../../../src/gateway/contract.js';
import { createGuardedVerifier, createVerifier } from '../../../../src/index.js';
import { prepareJid } from '../../../../src/xmpp/index.js';
import { JID, PERIOD_MS, STEP } from '../../token/reference.js';
import {
  basic,
  bearer,
  freshToken,
  type Harness,
  HOSTS,
  harness,
  ISSUE_SECRET,
} from '../harness.js';

type Json = Record<string, unknown>;
interface Answer {
  readonly headers?: Record<string, { readonly required?: boolean; readonly schema: Json }>;
  readonly content?: Record<string, { readonly schema: Json }>;
}
interface Document {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Answer> }>>;
  readonly components: { readonly schemas: Record<string, Json> };
}

const clock = () => (STEP + 0.5) * PERIOD_MS;
const metrics = async () => ({
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  text: '# TYPE a counter\n',
});
const all = { issueSecret: ISSUE_SECRET, metrics } as const;

const plain = await harness(all);
const document = (await (await plain.ask('/openapi.json')).json()) as Document;

/** A gateway whose guard does not answer. */
const outage = await harness({
  ...all,
  verifier: await createGuardedVerifier({
    hosts: HOSTS,
    clock,
    prepareJid,
    guard: { remember: async (marks) => marks.map(() => 'unavailable' as const) },
  }),
});
/** A gateway for which each body is too late and each batch one too many. */
const impatient = await harness({ ...all, limits: { bodyMs: 1, batches: 0 } });
/** A gateway whose verifier, store of sessions and metrics all fail. */
const fail = () => Promise.reject(new Error('gone'));
const broken = await harness({
  ...all,
  metrics: fail,
  observer: SILENT,
  endedSessions: { end() {}, hasEnded: fail },
  verifier: Object.assign(await createVerifier({ hosts: HOSTS, clock, prepareJid }), {
    isGuardAnswering: fail,
  }),
});
const withoutClock = await harness({ ...all, observer: SILENT, clock: () => Number.NaN });

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const token = () => ({ jid: JID, token: freshToken() });
const form = (pass: string) => new URLSearchParams({ user: 'alice', server: 'example.com', pass });
const sessionOf = async ({ post }: Harness): Promise<string> => {
  const begun = await post('/v1/session', { ...token(), transport: 'bearer' });
  return ((await begun.json()) as { session: string }).session;
};

/**
 * Routes that read a small body: a good one, its type, and the headers that the route wants first.
 */
const BODIES: readonly [
  path: string,
  good: () => string,
  type: string,
  headers?: Record<string, string>,
][] = [
  ['/v1/verify', () => JSON.stringify(token()), JSON_TYPE],
  ['/v1/session', () => JSON.stringify(token()), JSON_TYPE],
  ['/v1/issue', () => JSON.stringify({ jid: JID }), JSON_TYPE, bearer(ISSUE_SECRET)],
  ['/prosody/http/check_password', () => `${form(freshToken())}`, FORM_TYPE],
  ['/prosody/http/user_exists', () => `${form('')}`, FORM_TYPE],
];

const sent = ({ ask }: Harness, path: string, body: BodyInit, headers: Record<string, string>) =>
  ask(path, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);

interface Case {
  /** An operation and a status of the document. */
  readonly key: string;
  readonly what: string;
  readonly send: () => Promise<Response>;
}
const CASES: Case[] = [];
const add = (key: string, what: string, send: () => Promise<Response>) =>
  CASES.push({ key, what, send });

for (const [path, good, type, headers = {}] of BODIES) {
  const typed = { ...headers, 'content-type': type };
  const operation = `post ${path}`;
  add(`${operation} 200`, 'a good body', () => sent(plain, path, good(), typed));
  add(`${operation} 400`, 'bytes that are not UTF-8', () =>
    sent(plain, path, Uint8Array.of(0xff), typed),
  );
  add(`${operation} 408`, 'a body that does not end', () =>
    sent(
      impatient,
      path,
      new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => {}) }),
      typed,
    ),
  );
  add(`${operation} 413`, 'a large body', () => sent(plain, path, 'x'.repeat(20_000), typed));
  add(`${operation} 415`, 'another type', () =>
    sent(plain, path, good(), { ...headers, 'content-type': 'text/html' }),
  );
}

add('post /v1/verify 401', 'a bad token', () => plain.post('/v1/verify', { jid: JID, token: 'x' }));
add('post /v1/verify 503', 'no guard', () => outage.post('/v1/verify', token()));
add('post /v1/session 401', 'a bad token', () =>
  plain.post('/v1/session', { jid: JID, token: 'x' }),
);
add('post /v1/session 200', 'a bearer session', () =>
  plain.post('/v1/session', { ...token(), transport: 'bearer' }),
);
add('post /v1/session 503', 'no guard', () => outage.post('/v1/session', token()));
add('post /v1/issue 401', 'no credential', () => plain.post('/v1/issue', { jid: JID }));
add('post /v1/issue 500', 'no clock', () =>
  withoutClock.post('/v1/issue', { jid: JID }, bearer(ISSUE_SECRET)),
);

const BATCH = '/v1/verify/batch';
const TSV = { 'content-type': 'text/tab-separated-values' };
const line = () => `${JID}\t${freshToken()}\nx\n`;
add(`post ${BATCH} 200`, 'verdicts as JSON', () => sent(plain, BATCH, line(), TSV));
add(`post ${BATCH} 200`, 'verdicts as words', () =>
  sent(plain, BATCH, line(), { ...TSV, accept: 'text/plain' }),
);
add(`post ${BATCH} 200`, 'verdicts of an outage', () => sent(outage, BATCH, line(), TSV));
add(`post ${BATCH} 200`, 'an answer that stops', async () => {
  const { ask } = await harness({ limits: { batchBytes: 10 } });
  return ask(BATCH, { method: 'POST', body: line(), headers: TSV });
});
add(`post ${BATCH} 400`, 'no body', () => plain.ask(BATCH, { method: 'POST', headers: TSV }));
add(`post ${BATCH} 415`, 'another type', () =>
  sent(plain, BATCH, line(), { 'content-type': 'text/html' }),
);
add(`post ${BATCH} 503`, 'one batch too many', () => sent(impatient, BATCH, line(), TSV));

const withSession = async (gateway: Harness, path: string, method = 'GET') =>
  gateway.ask(path, { method, headers: bearer(await sessionOf(gateway)) });
add('get /v1/session 200', 'a session', () => withSession(plain, '/v1/session'));
add('get /v1/session 401', 'no session', () => plain.ask('/v1/session'));
add('get /v1/session 500', 'no store', () => withSession(broken, '/v1/session'));
add('delete /v1/session 204', 'a session', () => withSession(plain, '/v1/session', 'DELETE'));
add('delete /v1/session 204', 'no session', () => plain.ask('/v1/session', { method: 'DELETE' }));
add('delete /v1/session 500', 'no store', () => withSession(broken, '/v1/session', 'DELETE'));

/** A gateway with a login page. */
const withLogin = await harness({
  ...all,
  loginUrl: 'https://login.example.com/',
  allowedOrigins: ['https://app.example.com'],
});
const PERSON = { accept: 'text/html', 'x-forwarded-uri': '/page' };
const byForm = (origin: string, fields: Record<string, string>) =>
  sent(withLogin, '/v1/session', `${new URLSearchParams(fields)}`, {
    'content-type': FORM_TYPE,
    origin,
  });
add('post /v1/session 303', 'a form', () => byForm('https://app.example.com', token()));
add('post /v1/session 303', 'a form with a bad token', () =>
  byForm('https://app.example.com', { jid: JID, token: 'x' }),
);
add('post /v1/session 400', 'a form without a token', () =>
  byForm('https://app.example.com', { jid: JID }),
);
add('post /v1/session 403', 'a form of another site', () => byForm('https://a.example', token()));
add('get /auth 303', 'a person', () => withLogin.ask('/auth', { headers: PERSON }));
add('get /auth 401', 'a person behind nginx', () =>
  withLogin.ask('/auth', { headers: { ...PERSON, 'x-original-url': 'https://app.example.com/' } }),
);
add('get /auth 401', 'a script', () =>
  withLogin.ask('/auth', { headers: { 'sec-fetch-mode': 'cors' } }),
);

add('get /auth 200', 'a token', () => plain.ask('/auth', { headers: basic(JID, freshToken()) }));
add('get /auth 200', 'a session, and another method', () => withSession(plain, '/auth/x', 'PUT'));
add('get /auth 401', 'no credentials', () => plain.ask('/auth'));
add('get /auth 500', 'no store', () => withSession(broken, '/auth'));
add('get /auth 503', 'no guard', () => outage.ask('/auth', { headers: basic(JID, freshToken()) }));

const asked = (gateway: Harness, user: string) =>
  gateway.ask('/prosody/async/example.com', { headers: basic(user, freshToken()) });
add('get /prosody/async/{host} 200', 'a token', () => asked(plain, 'alice'));
add('get /prosody/async/{host} 401', 'another user', () => asked(plain, 'bob'));
add('get /prosody/async/{host} 503', 'no guard', () => asked(outage, 'alice'));

const CHECK = '/prosody/http/check_password';
const EXISTS = '/prosody/http/user_exists';
add(`get ${CHECK} 200`, 'a token', () => plain.ask(`${CHECK}?${form(freshToken())}`));
add(`get ${CHECK} 200`, 'a bad token', () => plain.ask(`${CHECK}?${form('x')}`));
add(`get ${CHECK} 400`, 'a field twice', () => plain.ask(`${CHECK}?user=a&user=b`));
add(`get ${CHECK} 503`, 'no guard', () => outage.ask(`${CHECK}?${form(freshToken())}`));
add(`post ${CHECK} 503`, 'no guard', () =>
  sent(outage, CHECK, `${form(freshToken())}`, { 'content-type': FORM_TYPE }),
);
add(`get ${EXISTS} 200`, 'a name', () => plain.ask(`${EXISTS}?${form('')}`));
add(`get ${EXISTS} 400`, 'a field twice', () => plain.ask(`${EXISTS}?user=a&user=b`));
for (const method of ['get', 'post']) {
  add(`${method} /prosody/http/{method} 501`, 'another question', () =>
    plain.ask('/prosody/http/set_password', { method: method.toUpperCase() }),
  );
}

add('get /healthz 200', 'always', () => plain.ask('/healthz'));
add('get /readyz 200', 'hosts', () => plain.ask('/readyz'));
add('get /readyz 500', 'no guard to ask', () => broken.ask('/readyz'));
add('get /readyz 503', 'no hosts', async () => (await harness({ hosts: {} })).ask('/readyz'));
add('get /metrics 200', 'metrics', () => plain.ask('/metrics'));
add('get /metrics 500', 'no metrics', () => broken.ask('/metrics'));
add('get /openapi.json 200', 'this document', () => plain.ask('/openapi.json'));

for (const [path, operations] of Object.entries(document.paths)) {
  if (path === '/auth') continue;
  for (const method of Object.keys(operations)) {
    add(`${method} ${path} 405`, 'another method', () =>
      plain.ask(path.replace('{host}', 'example.com').replace('{method}', 'x'), {
        method: 'PATCH',
      }),
    );
  }
}

/**
 * A schema of the document with its references resolved. Fields that it does not name are refused.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref, ...own } = schema as Json & { $ref?: string };
  if ($ref !== undefined) return closed(document.components.schemas[$ref.split('/').at(-1)!]);
  const copy = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, closed(value)]));
  return copy.type === 'object' ? { additionalProperties: false, ...copy } : copy;
}

const fits = (schema: Json, value: unknown, why: string) =>
  expect(
    z.fromJSONSchema(closed(schema) as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value),
    why,
  ).toMatchObject({
    success: true,
  });

/** The values of a body: one value, or one for each line. */
function valuesOf(type: string, text: string): unknown[] {
  if (type === JSON_TYPE) return [JSON.parse(text)];
  if (type === 'application/x-ndjson')
    return text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
  return [text];
}

/** Headers with a meaning for clients. The document must name each that an answer has. */
const TELLING = [
  'allow',
  'retry-after',
  'www-authenticate',
  'set-cookie',
  'remote-user',
  'location',
];
const isTelling = (name: string) => TELLING.includes(name) || name.startsWith('x-auth-');

describe('an answer', () => {
  it.each(CASES)('is as /openapi.json describes it: $key, $what', async ({ key, send }) => {
    const [method = '', path = '', status = ''] = key.split(' ');
    const answer = await send();
    expect(answer.status).toBe(Number(status));
    const described = document.paths[path]?.[method]?.responses[status];
    if (described === undefined) throw new Error(`${key} is not in the document`);

    const headers = Object.fromEntries(
      Object.entries(described.headers ?? {}).map(([name, header]) => [name.toLowerCase(), header]),
    );
    for (const [name, { required, schema }] of Object.entries(headers)) {
      const value = answer.headers.get(name);
      if (required || value !== null) fits(schema, value, name);
    }
    const telling = [...answer.headers.keys()].filter(isTelling);
    expect(Object.keys(headers)).toEqual(expect.arrayContaining(telling));

    const text = await answer.text();
    if (described.content === undefined) {
      expect(text).toBe('');
      return;
    }
    const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? '';
    const content = described.content[type];
    if (content === undefined) throw new Error(`${key} has no content of type ${type}`);
    for (const value of valuesOf(type, text)) fits(content.schema, value, key);
  });

  it('has each status that /openapi.json names, and no other', () => {
    const named = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${method} ${path} ${status}`),
      ),
    );
    expect([...new Set(CASES.map(({ key }) => key))].sort()).toEqual(named.sort());
  });
});

describe('/openapi.json', () => {
  it('has schemas that refuse an unknown field, a wrong type and a missing field', () => {
    const schema = { $ref: '#/components/schemas/Accepted' };
    const good = { ok: true, jid: JID, step: 1, drift: 0, keyIndex: 0 };
    fits(schema, good, 'good');
    for (const bad of [{ ...good, more: 1 }, { ...good, step: '1' }, { ...good, ok: false }, {}]) {
      expect(() => fits(schema, bad, 'bad')).toThrow();
    }
  });

  it('leaves out the routes that are switched off, and they answer 404', async () => {
    const bare = await harness({ sessions: false });
    const { paths } = (await (await bare.ask('/openapi.json')).json()) as Document;
    const missing = ['/v1/session', '/v1/issue', '/metrics'];
    expect(Object.keys(paths).sort()).toEqual(
      Object.keys(document.paths)
        .filter((path) => !missing.includes(path))
        .sort(),
    );
    for (const path of missing) expect((await bare.ask(path)).status, path).toBe(404);
  });

  it('names the same methods for each route as the header Allow', async () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      if (path === '/auth') continue;
      const { headers } = await plain.ask(path.replace(/[{}]/g, ''), { method: 'PATCH' });
      const allowed = headers
        .get('allow')
        ?.split(', ')
        .filter((method) => method !== 'HEAD');
      expect(allowed?.map((method) => method.toLowerCase()).sort(), path).toEqual(
        Object.keys(operations).sort(),
      );
    }
  });
});
