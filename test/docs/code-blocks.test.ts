/**
 * The code in README, the docs and the docstrings works. The test runs each block that can run
 * against the built package.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIssuer, createVerifier } from '../../src/index.js';
import { createXTokenServer } from '../../src/xmpp/index.js';
import { ROOT } from '../../tools/lib/process.mjs';
import { fromDebian } from '../../tools/testbed/programs.js';
import { tempFolder } from '../package/temp.js';
import { begin } from '../unit/cli/gateway-process.js';
import { XmppServer } from '../unit/xmpp/sasl/xmpp-server.js';
import { type Block, blocksOf, DOCUMENTS, examplesOf, SOURCES } from './doctest/blocks.js';
import { type Entry, LIST } from './doctest/list.js';
import { HOSTS, type Module, makeProject, type Outcome, runModules } from './doctest/modules.js';
import { runTranscript } from './doctest/transcript.js';

const folder = tempFolder();
const blocks = [
  ...DOCUMENTS.flatMap((file) => blocksOf(file)),
  ...SOURCES.flatMap((file) => examplesOf(file)),
];

const entriesOf = ({ file, code }: Block) =>
  LIST.filter((entry) => entry.file === file && code.includes(entry.has));
const replace = (code: string, { replaced = {} }: Partial<Entry> = {}) =>
  Object.entries(replaced).reduce((text, [from, to]) => text.replaceAll(from, to), code);

const isModule = ({ language }: Block) => ['js', 'ts', 'html', 'example'].includes(language);
const moduleOf = (block: Block, entry?: Entry): Module => {
  const code =
    block.language === 'html'
      ? (/<script type="module">([\s\S]*)<\/script>/.exec(block.code)?.[1] ?? '')
      : block.code;
  return {
    code: replace(code, entry),
    given: [...(entry?.given ?? []), ...(entry?.isOnline ? ['WebSocket'] : [])],
  };
};

/** The outcomes of the modules of a file, all of which run in one process. */
const outcomes = new Map<string, Promise<Map<number, Outcome>>>();
function outcomesOf(file: string): Promise<Map<number, Outcome>> {
  const known = outcomes.get(file);
  if (known !== undefined) return known;
  // Examples in docstrings do not import what the package exports.
  const isSource = file === 'src';
  const mine = blocks.filter(
    (block) => (isSource ? block.language === 'example' : block.file === file) && isModule(block),
  );
  const running = mine.filter((block) => !entriesOf(block)[0]?.runBy);
  const names = ['', '/xmpp', '/pool', '/lmdb', '/guard-conformance', '/gateway'];
  const entries = [...names, '/otpauth-migration'].map((name) => `totp-token${name}`);
  const made = runModules(
    folder,
    running.map((block) => moduleOf(block, entriesOf(block)[0])),
    { entries: isSource ? entries : [], env: { DOCTEST_XMPP: `ws://127.0.0.1:${server.port}/` } },
  ).then((all) => new Map(running.map((block, i) => [blocks.indexOf(block), all[i] as Outcome])));
  outcomes.set(file, made);
  return made;
}

let server: XmppServer;
beforeAll(async () => {
  makeProject(folder);
  const verifier = await createVerifier({ hosts: HOSTS });
  const verify = (jid: string, token: string) => verifier.verify(jid, token);
  const host = 'example.com';
  server = await XmppServer.start({ host, attempt: () => createXTokenServer({ host, verify }) });
});
afterAll(() => server.stop());

/** Runs lines that ask the gateway of the docs, against a gateway that is started for them. */
async function ask(code: string, own: string): Promise<string> {
  fromDebian('curl', 'curl');
  const issuer = await createIssuer({ hosts: HOSTS });
  const lines = ['alice', 'bob']
    .map((name) => `${name}@example.com`)
    .map((jid) => `${jid}\t${issuer.issue(jid)}\n`);
  writeFileSync(join(own, 'tokens.tsv'), lines.join(''));
  const env = {
    TOTP_TOKEN_GATEWAY_LISTEN: '127.0.0.1:0',
    TOTP_TOKEN_GATEWAY_GUARD_REJECT_STEPS_BEFORE: 'none',
  };
  const gateway = await begin(['--keys', join(folder, 'keys.json')], env);
  try {
    return await runTranscript(code.replaceAll('http://127.0.0.1:8080', gateway.address), own);
  } finally {
    gateway.child.kill('SIGTERM');
    await gateway.result;
  }
}

async function test(block: Block): Promise<void> {
  const [entry] = entriesOf(block);
  if (entry?.notRun) return;
  if (entry?.runBy) {
    expect(existsSync(join(ROOT, entry.runBy)), `${entry.runBy} is there`).toBe(true);
    return;
  }
  if (isModule(block)) {
    const all = await outcomesOf(block.language === 'example' ? 'src' : block.file);
    expect(all.get(blocks.indexOf(block))).toEqual({
      path: expect.anything(),
      checks: expect.any(Number),
    });
  } else if (block.language === 'sh' || entry?.isTranscript) {
    const own = join(folder, `transcript-${blocks.indexOf(block)}`);
    mkdirSync(own);
    if (entry?.asksFor) expect(await ask(replace(block.code, entry), own)).toMatch(entry.asksFor);
    else await runTranscript(replace(block.code, entry), own, entry?.given);
  } else if (block.language === 'json') JSON.parse(block.code);
  else if (block.language === 'toml') parse(block.code);
  else expect.fail('nothing runs it: give it an entry in doctest/list.ts');
}

describe.each([...new Set(blocks.map(({ file }) => file))])('%s', (file) => {
  it.each(
    blocks.filter((block) => block.file === file).map((block) => [block.line, block] as const),
  )('works as shown in line %i', (_, block) => test(block));
});

it('each entry of the list fits exactly one block', () => {
  const odd = LIST.filter(
    (entry) => blocks.filter((block) => entriesOf(block).includes(entry)).length !== 1,
  );
  expect(odd).toEqual([]);
  expect(blocks.filter((block) => entriesOf(block).length > 1)).toEqual([]);
});

it('each block uses the names that its entry gives it', () => {
  const idle = blocks.flatMap((block) =>
    entriesOf(block).flatMap(({ given = [], file }) =>
      given
        .filter((name) => !new RegExp(`\\b${name.replace('.', '\\.')}\\b`).test(block.code))
        .map((name) => `${file}: ${name}`),
    ),
  );
  expect(idle).toEqual([]);
});

it.each([
  ['README.md', 4],
  ['docs/xmpp.md', 2],
  ['docs/library.md', 18],
  ['src', 12],
])('checks the values in comments of %s', async (file, atLeast) => {
  const checks = [...(await outcomesOf(file)).values()].map((outcome) => outcome.checks);
  expect(checks.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(atLeast);
});
