/**
 * The test of the docs' code can fail: which blocks it finds, and how it reports those that are
 * wrong.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../../package/temp.js';
import { blocksOf, examplesOf } from './blocks.js';
import { makeProject, type Outcome, runModules } from './modules.js';
import { runTranscript } from './transcript.js';

const folder = tempFolder();
beforeAll(() => makeProject(folder));

describe('the blocks of a document', () => {
  it('are those in fences, and those indented by four spaces outside a paragraph', () => {
    const text =
      'text\n    still text\n\n    one\n\n    two\n\n1. item\n\n   ```js\n   three;\n   ```\n\n```\nfour\n```\n';
    expect(
      blocksOf('a.md', text).map(({ line, language, code }) => [line, language, code]),
    ).toEqual([
      [4, 'indented', 'one\n\ntwo\n'],
      [10, 'js', 'three;\n'],
      [14, 'text', 'four\n'],
    ]);
  });

  it('include those of docstrings', () => {
    const text = '/**\n * Does it.\n *\n * @example\n * it(); // 1\n */\n';
    expect(examplesOf('a.ts', text)).toEqual([
      { file: 'a.ts', line: 4, language: 'example', code: 'it(); // 1\n' },
    ]);
  });

  it('cause an error if their fence has no end', () => {
    expect(() => blocksOf('a.md', '```js\nit();\n')).toThrow('a.md:1: the fence has no end');
  });
});

const KEPT = [
  ['of prose', 'Math.max(1, 2); // the larger one', 0],
  ['of a number', 'Math.max(1, 2); // 2, the larger one', 1],
  ['that counts steps', 'Math.max(1, 2); // 1. the first step', 0],
  [
    'of all of an object',
    "({ ok: true, code: 'a', step: 7 }); // { ok: true, code: 'a', step }",
    1,
  ],
  ['of a part', "console.log({ ok: true, code: 'a' }); // code: 'a'", 1],
  ['of one of two', "({ ok: false, code: 'a' }); // { ok: true } or { ok: false, code }", 1],
  ['of a sample', "'123456'.trim(); // '492039', say. Six digits", 1],
  ['of a beginning', "'123456'.trim(); // '12…'", 1],
  ['below', "'123456'.trim();\n// '123' +\n// '456'", 1],
  ['of bytes', 'new Uint8Array(32).fill(1); // Uint8Array(32)', 1],
] as const;

const BROKEN = [
  ['another value', "'123456'.trim(); // '492039'"],
  ['another length', "'123456'.trim(); // '1234567', say"],
  ['an unexpected property', "({ ok: true, code: 'a' }); // { ok: true }"],
  ['a missing property', '({ ok: true }); // { ok: true, code }'],
  ['another part', "({ ok: true, code: 'a' }); // code: 'b'"],
  ['neither of two', '({ ok: false }); // { ok: true } or { ok: false, code }'],
  ['a name that is not given', 'verifier.verify(jid, token);'],
  ['an export that does not exist', "import { nothing } from 'totp-token';"],
  ['an entry that does not exist', "import 'totp-token/nothing';"],
  ['a rejection that is not handled', "void Promise.reject(new Error('lost'));"],
] as const;

describe('a module', () => {
  const outcomes = new Map<string, Outcome | undefined>();
  beforeAll(async () => {
    const codes = [...KEPT, ...BROKEN].map(([, code]) => code);
    const all = await runModules(
      folder,
      codes.map((code) => ({ code, given: [] })),
    );
    for (const [i, code] of codes.entries()) outcomes.set(code, all[i]);
  });

  it.each(KEPT)('passes with a comment %s', (_, code, checks) => {
    expect(outcomes.get(code)).toEqual({ path: expect.anything(), checks });
  });

  it.each(BROKEN)('fails because of %s', (_, code) => {
    expect(outcomes.get(code)).toMatchObject({ error: expect.any(String) });
  });

  it('gets the names that are given, and no others', async () => {
    const given = ['hosts'];
    const [first, second] = await runModules(folder, [
      { code: 'hosts;', given },
      { code: 'hosts; issuer;', given },
    ]);
    expect(first).not.toHaveProperty('error');
    expect(second).toMatchObject({ error: 'ReferenceError: issuer is not defined' });
  });
});

it('a transcript fails at the first of its lines that fails', async () => {
  const own = join(folder, 'transcript');
  mkdirSync(own);
  await expect(runTranscript('npx totp-token nothing\necho on', own)).rejects.toThrow(
    'ended with 2',
  );
  await expect(runTranscript('npx other-package', own)).rejects.toThrow('ended with 127');
  expect(await runTranscript('totp-token --version | cat\necho on', own)).toMatch(
    /^\d+\.\d+\.\d+.*\non\n$/s,
  );
});
