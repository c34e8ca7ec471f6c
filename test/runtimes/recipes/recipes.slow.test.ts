/** The recipes of docs/edge.md, each in its runtime, asked over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { notRun } from '../../../tools/testbed/not-run.js';
import { tempFolder } from '../../package/temp.js';
import { JID, OTHER_KEYS, PERIOD_MS, tokenOf } from '../../unit/token/reference.js';
import { bun } from '../kinds/bun.js';
import { deno } from '../kinds/deno.js';
import { edgeRuntime } from '../kinds/edge-runtime.js';
import type { Runtime } from '../kinds/runtime.js';
import { workerd } from '../kinds/workerd.js';
import type { Consumer } from '../lib/consumer.js';
import { withWrongSignature } from '../suite/reference.js';
import { makeProject } from './lib/recipe.js';
import { startBun, startDeno } from './lib/runtimes.js';
import type { Server } from './lib/server.js';
import { startVercel } from './lib/vercel.js';
import { startWorkers } from './lib/workerd.js';

const WORKER = "export * from '../worker.js';\nexport { default } from '../worker.js';\n";

/** The recipe's guard under the suite that guards must pass. */
const CONFORMANCE = `import { env } from 'cloudflare:workers';
import { durableObjectGuard } from 'totp-token/durable-object';
import { guardConformance } from 'totp-token/guard-conformance';
export { ReplayShard } from '../worker.js';
const open = () => durableObjectGuard(env.REPLAY, { shards: 5, prefix: 'conformance' });
export default {
  async fetch() {
    const report = [];
    for (const { name, run } of guardConformance(open)) {
      report.push([name, await run().then(() => 'kept', ({ message }) => message)]);
    }
    return Response.json(report);
  },
};
`;

let nonce = 1;
/** A token of this moment, drift in steps aside. */
const freshToken = (jid = JID, drift = 0, keys?: typeof OTHER_KEYS) =>
  tokenOf({
    jid,
    step: Math.floor(Date.now() / PERIOD_MS) + drift,
    nonce: nonce++,
    ...(keys && { keys }),
  });

const basic = (jid: string, token: string) =>
  `Basic ${Buffer.from(`${jid}:${token}`).toString('base64')}`;

async function ask(url: string, authorization?: string) {
  const response = await fetch(url, {
    headers: authorization === undefined ? {} : { authorization },
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const folder = tempFolder();
let project: Consumer;
const started: Server[] = [];

beforeAll(async () => {
  project = await makeProject(folder);
});
afterAll(() => Promise.all(started.map((server) => server.stop())));

/** Whether a runtime is installed. If not, the tests of the suite are skipped under its name. */
async function isHere({ name, advice, find }: Runtime): Promise<boolean> {
  const found = await find();
  beforeEach(() => {
    if (found === undefined) notRun(name, advice);
  });
  return found !== undefined;
}

describe.each([
  { runtime: deno, start: () => startDeno(project), base: '/' },
  { runtime: bun, start: () => startBun(project), base: '/' },
  { runtime: workerd, start: () => startWorkers(project, WORKER, ['worker']), base: '/' },
  { runtime: edgeRuntime, start: () => startVercel(project), base: '/api/' },
])('the recipe for $runtime.name', async ({ runtime, start, base }) => {
  const here = await isHere(runtime);
  let origin: string;
  const hello = (jid: string, token: string) =>
    ask(`${origin}${base}private/hello`, basic(jid, token));

  beforeAll(async () => {
    if (!here) return;
    const server = await start();
    started.push(server);
    origin = server.origins[0] as string;
  });

  it('leaves other routes open', async () => {
    expect(await ask(`${origin}${base.replace(/(?<=.)\/$/, '')}`)).toMatchObject({ status: 200 });
  });

  it('asks a client without a token for credentials', async () => {
    const { status, text, headers } = await ask(`${origin}${base}private/hello`);
    expect({ status, text }).toEqual({ status: 401, text: 'Unauthorized' });
    expect(headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it.each([JID, 'jürgen@example.com'])('accepts %s once with each token', async (jid) => {
    const token = freshToken(jid);
    expect(await hello(jid, token)).toMatchObject({ status: 200, text: `Hello, ${jid}` });
    expect(await hello(jid, token)).toMatchObject({ status: 401, text: 'Unauthorized' });
    expect(await hello(jid, freshToken(jid))).toMatchObject({ status: 200 });
  });

  it('accepts one of fifty requests with the same token at once', async () => {
    const token = freshToken();
    const answers = await Promise.all(Array.from({ length: 50 }, () => hello(JID, token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
  });

  it('accepts a clock that is a little ahead, and no clock that is far ahead or behind', async () => {
    expect(await hello(JID, freshToken(JID, 1))).toMatchObject({ status: 200 });
    // Far enough outside the window even if the next step begins during the test.
    expect(await hello(JID, freshToken(JID, 4))).toMatchObject({ status: 401 });
    expect(await hello(JID, freshToken(JID, -4))).toMatchObject({ status: 401 });
  });

  it.each([
    ['another user’s token', () => basic('bob@example.com', freshToken())],
    ['a digit shifted from the name', () => basic(JID, freshToken(`7${JID}`))],
    ['a token of other keys', () => basic(JID, freshToken(JID, 0, OTHER_KEYS))],
    [
      'a token of an unknown host',
      () => basic('alice@example.org', freshToken('alice@example.org')),
    ],
    ['an altered signature', () => basic(JID, withWrongSignature(freshToken()))],
    ['no token', () => basic(JID, '')],
    ['no name', () => basic('', freshToken())],
    ['characters outside base64', () => 'Basic %%%'],
    ['another scheme', () => `Bearer ${btoa(freshToken())}`],
    ['twenty thousand characters', () => basic(JID, '7'.repeat(10_000))],
  ])('gives the same rejection for %s', async (_, authorization) => {
    const { status, text } = await ask(`${origin}${base}private/hello`, authorization());
    expect({ status, text }).toEqual({ status: 401, text: 'Unauthorized' });
  });
});

describe('the recipe for workerd in two workers', async () => {
  await isHere(workerd);
  const COPIES = ['one', 'another'] as const;
  const start = async () => {
    const server = await startWorkers(project, WORKER, COPIES);
    started.push(server);
    return server;
  };

  it('accepts a token once in both together, even after a crash', async () => {
    const token = freshToken();
    const shown = async ({ origins }: Server) => {
      const asked = Array.from({ length: 40 }, (_, i) =>
        ask(`${origins[i % COPIES.length]}/private/hello`, basic(JID, token)),
      );
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set(statuses.includes(200) ? [200, 401] : [401]));
      return statuses.filter((status) => status === 200).length;
    };
    const before = await start();
    expect(await shown(before)).toBe(1);
    await before.stop();
    const after = await start();
    expect(await shown(after)).toBe(0);
    const next = basic(JID, freshToken());
    expect(await ask(`${after.origins[0]}/private/hello`, next)).toMatchObject({ status: 200 });
  });

  it('has a guard that passes the conformance suite', async () => {
    const server = await startWorkers(project, CONFORMANCE, ['conformance']);
    started.push(server);
    const report: readonly [string, string][] = JSON.parse(
      (await ask(`${server.origins[0]}/`)).text,
    );
    expect(report.length).toBeGreaterThan(5);
    expect(report.filter(([, outcome]) => outcome !== 'kept')).toEqual([]);
  });
});
