/** Numbers that stand once in TypeScript and once in the core. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GUARD_CODES } from '../../../src/guards/guard.js';
import { MAX_JID_PART_BYTES, MAX_WINDOW_STEPS } from '../../../src/limits.js';
import { TAKEN_SHIFT } from '../../../src/token/lines.js';
import { SIGNATURE_CHARS } from '../../../src/token/request.js';
import { ASK_PREPARED, VERDICT_CODES } from '../../../src/token/verdict.js';
import { MARK_BYTES } from '../../../src/wasm/core.js';
import { ROOT } from '../../../tools/lib/process.mjs';

/** The whole numbers that a file of the core names, by name. */
function constantsOf(file: string): Record<string, number> {
  const text = readFileSync(join(ROOT, 'assembly', file), 'utf8');
  const found = text.matchAll(/^(?:export )?const ([A-Z0-9_]+): [iu](?:32|64|size) = (\d+);$/gm);
  return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]));
}

it.each([
  ['jid.ts', 'PART_BYTES', MAX_JID_PART_BYTES],
  ['keyring.ts', 'MAX_STEPS', MAX_WINDOW_STEPS],
  ['base64.ts', 'SIGNATURE_CHARS', SIGNATURE_CHARS],
  ['memory.ts', 'MARK_BYTES', MARK_BYTES],
  ['batch.ts', 'TAKEN_SHIFT', TAKEN_SHIFT],
])('%s has the same %s as the library', (file, name, value) => {
  expect(constantsOf(file)[name]).toBe(value);
});

it('numbers verdicts and what a guard answers in the core as the library does', () => {
  const { ASK_PREPARED: askPrepared, FRESH, UNAVAILABLE, ...verdicts } = constantsOf('verdict.ts');
  const nameOf = (code: string) => code.toUpperCase().replace('-', '_');
  expect(verdicts).toEqual(
    Object.fromEntries(VERDICT_CODES.map((code, number) => [nameOf(code), number])),
  );
  const { REPLAYED, STALE } = verdicts;
  expect({ FRESH, REPLAYED, STALE, UNAVAILABLE }).toEqual(
    Object.fromEntries(Object.entries(GUARD_CODES).map(([said, code]) => [nameOf(said), code])),
  );
  expect(askPrepared).toBe(ASK_PREPARED);
});

it('gives each answer of a guard the number of the verdict that it leads to', () => {
  const verdicts = Object.values(GUARD_CODES).map((code) => VERDICT_CODES[code]);
  expect(verdicts).toEqual(['accepted', 'replayed', 'stale', 'guard-unavailable']);
});
