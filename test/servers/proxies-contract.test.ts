/**
 * Debian has no packages of Envoy and Traefik, so their recipes cannot be run. These tests send the
 * gateway the requests of both, byte for byte, and compare the recipes with the order of removal,
 * question and check.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { IDENTITY_HEADERS } from '../../src/gateway/http/identity.js';
import { ROOT } from '../../tools/lib/process.mjs';
import { basic, freshToken } from '../unit/gateway/harness.js';
import { type Started, started } from '../unit/server/server-harness.js';
import { JID } from '../unit/token/reference.js';
import { PATHS_OUT } from './paths-out.js';
import { exchange } from './raw-http.js';

let gateway: Started;
beforeAll(async () => {
  gateway = await started(`[auth]
defaultHost = "example.com"
loginUrl = "https://login.example.com/"
allowedOrigins = ["http://app.example.com"]
[session]
maxSeconds = 3600`);
});

const textOf = (name: string) => readFileSync(join(ROOT, 'docs', 'gateway', name), 'utf8');
const IDENTITY = {
  'x-auth-jid': JID,
  'x-auth-user': 'alice',
  'x-auth-host': 'example.com',
  'remote-user': JID,
};
const credentials = () => [`authorization: ${basic('alice', freshToken()).authorization}`];

/**
 * Envoy's request to an HTTP service of ext_authz: the client's method, `path_prefix` and the
 * client's path and query as they are, the client's `host`, and no body.
 */
const byEnvoy = (path: string, headers: string[], method = 'GET') =>
  exchange(gateway.port, [
    `${method} /auth${path} HTTP/1.1`,
    'host: app.example.com',
    'content-length: 0',
    ...headers,
    'x-envoy-internal: true',
    'x-forwarded-for: 127.0.0.1',
    'x-envoy-expected-rq-timeout-ms: 1000',
    'connection: close',
  ]);

/**
 * Traefik's request of forwardAuth: GET on the address of the recipe, the client's target in a
 * header.
 */
const byTraefik = (target: string, headers: string[], method = 'GET') =>
  exchange(gateway.port, [
    'GET /auth HTTP/1.1',
    'Host: 127.0.0.1:8080',
    'User-Agent: Go-http-client/1.1',
    ...headers,
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Host: app.example.com',
    `X-Forwarded-Method: ${method}`,
    'X-Forwarded-Port: 80',
    'X-Forwarded-Proto: http',
    `X-Forwarded-Uri: ${target}`,
    'Accept-Encoding: gzip',
    'connection: close',
  ]);

const identityOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(IDENTITY_HEADERS.map((name) => [name, headers[name]]));

const PATHS = [
  ...['/', '/page', '/page?x=1', '/healthz', '/metrics', '/v1/session', '/auth'],
  ...PATHS_OUT,
  ...PATHS_OUT.map((path) => `/page${path}`),
  ...PATHS_OUT.map((path) => path.replace('healthz', 'openapi.json')),
  ...PATHS_OUT.map((path) => path.replace('healthz', 'v1/session')),
  '*',
  '.',
  '..',
  '/..',
  '%2f..%2fhealthz',
  ';/../healthz',
  '?/../../healthz',
  '#/../../healthz',
  '/..?x',
];

describe.each([
  ['Envoy', byEnvoy],
  ['Traefik', byTraefik],
])('%s', (_proxy, send) => {
  it.each(PATHS)('is not answered 200 without credentials for the path %s', async (path) => {
    const { status, headers } = await send(path, []);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(Object.values(identityOf(headers)).filter(Boolean)).toEqual([]);
  });

  it.each(PATHS)('is never answered 200 without an identity for the path %s', async (path) => {
    const { status, headers } = await send(path, credentials());
    // A gateway may refuse a path that leaves its prefix; it never says yes without a name.
    if (status === 200) expect(identityOf(headers)).toEqual(IDENTITY);
    else expect(status).toBeGreaterThanOrEqual(400);
  });

  it.each(['/', '/page', '/page?x=1', '/a//b', '/a%20b'])(
    'is answered 200 with the identity for the path %s and good credentials',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const { status, headers } = await send(path, credentials(), method);
        expect([status, identityOf(headers)]).toEqual([200, IDENTITY]);
      }
    },
  );
});

describe.each([
  ['Envoy', byEnvoy, ['x-forwarded-proto: http']],
  // Go writes names of headers in its own case.
  ['Traefik', byTraefik, []],
])('a browser behind %s', (_proxy, send, said) => {
  const person = ['accept: text/html,*/*;q=0.8', 'sec-fetch-mode: navigate', ...said];
  const BACK = 'https://login.example.com/?return_to=http%3A%2F%2Fapp.example.com%2F';

  it('is sent to the login page with the page that it asked for', async () => {
    expect(await send('/page?x=1', person)).toMatchObject({
      status: 303,
      headers: { location: `${BACK}page%3Fx%3D1` },
    });
    expect(await send('/form', person, 'POST')).toMatchObject({
      status: 303,
      headers: { location: 'https://login.example.com/' },
    });
  });

  it.each(PATHS_OUT)('is sent nowhere else for the path %s', async (path) => {
    const { status, headers } = await send(path, person);
    if (status === 303) expect(headers.location).toMatch(/^https:\/\/login\.example\.com\/(\?|$)/);
    else expect(status).toBeGreaterThanOrEqual(400);
  });

  it('is asked for no password where a script waits', async () => {
    const { status, headers } = await send('/data', ['sec-fetch-mode: cors', ...said]);
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="totp-token"']);
  });

  it('has its session renewed by a cookie of the answer', async () => {
    const begun = await fetch(`${gateway.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jid: JID, token: freshToken() }),
    });
    const cookie = `cookie: ${begun.headers.get('set-cookie')!.split(';')[0]}`;
    gateway.clock.timeMs += 450_000;
    const { status, headers } = await send('/page', [...person, cookie]);
    gateway.clock.timeMs -= 450_000;
    expect([status, identityOf(headers)]).toEqual([200, IDENTITY]);
    expect(headers['set-cookie']).toContain('Max-Age=900;');
  });
});

describe('the recipe for Envoy', () => {
  const text = textOf('envoy.yaml');

  it("removes the client's identity, then asks, then demands an identity, then routes", () => {
    const filters = [...text.matchAll(/- name: envoy\.filters\.http\.(\w+)/g)].map(
      ([, name]) => name,
    );
    expect(filters).toEqual(['header_mutation', 'ext_authz', 'rbac', 'router']);
    expect(text).toContain('permissions: [{ header: { name: x-auth-jid, present_match: true } }]');
  });

  it('removes and copies all identity headers', () => {
    const removed = [...text.matchAll(/- remove: (\S+)/g)].map(([, name]) => name);
    expect(removed).toEqual(IDENTITY_HEADERS);
    const copied = [...text.matchAll(/^ +- exact: (\S+)/gm)].map(([, name]) => name);
    expect(copied).toEqual(IDENTITY_HEADERS);
  });

  it.each([
    'normalize_path: true',
    'merge_slashes: true',
    'path_with_escaped_slashes_action: REJECT_REQUEST',
    'headers_with_underscores_action: DROP_HEADER',
    'failure_mode_allow: false',
    'status_on_error: { code: ServiceUnavailable }',
    'request_headers_to_remove: [authorization]',
    '- { exact: accept }',
    '- { exact: sec-fetch-mode }',
    '- { exact: x-forwarded-proto }',
    'patterns: [{ exact: www-authenticate }, { exact: location }, { exact: retry-after }]',
    'allowed_client_headers_on_success: { patterns: [{ exact: set-cookie }] }',
  ])('has the setting %s', (line) => expect(text).toContain(line));
});

describe('the recipe for Traefik', () => {
  const text = textOf('traefik.yml');

  it('removes every other spelling of the headers with hyphens and underscores', () => {
    const removed = [...text.matchAll(/^ +(\S*_\S*): ""/gm)].map(([, name = '']) =>
      name.toLowerCase(),
    );
    const spellings = IDENTITY_HEADERS.flatMap((name) => {
      const [first = '', ...others] = name.split('-');
      const all = others.reduce(
        (texts, part) => texts.flatMap((text) => [`${text}-${part}`, `${text}_${part}`]),
        [first],
      );
      return all.filter((spelling) => spelling !== name);
    });
    expect(removed.toSorted()).toEqual(spellings.toSorted());
  });

  it('hands on what tells a person from a script, and renews sessions', () => {
    expect(text).toContain(
      'authRequestHeaders: [Authorization, Cookie, Accept, Sec-Fetch-Mode, X-Requested-With]',
    );
    expect(text).toContain('trustForwardHeader: false');
    expect(text).toContain('addAuthCookiesToResponse: [__Host-totp-token]');
  });

  it('removes the identity headers before it asks, and the token afterwards', () => {
    expect(text).toContain('middlewares: [no-other-spellings, totp-token, no-token]');
    const [, copied = ''] = /authResponseHeaders: \[(.*)\]/.exec(text) ?? [];
    expect(copied.toLowerCase().split(', ')).toEqual(IDENTITY_HEADERS);
  });
});
