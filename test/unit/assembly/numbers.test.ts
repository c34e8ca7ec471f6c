/** Numbers that stand once in TypeScript and once in the core. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAX_JID_PART_BYTES, MAX_WINDOW_STEPS } from '../../../src/limits.js';
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
])('%s has the same %s as the library', (file, name, value) => {
  expect(constantsOf(file)[name]).toBe(value);
});

it('numbers the verdicts in the core as in VERDICT_CODES', () => {
  const core = constantsOf('token.ts');
  const names = [
    'ACCEPTED',
    'MALFORMED',
    'UNKNOWN_HOST',
    'WRONG_OTP',
    'BAD_SIGNATURE',
    'REPLAYED_BEFORE',
    'STALE_STEP',
    'GUARD_UNAVAILABLE',
  ];
  expect(names.map((name) => core[name])).toEqual(VERDICT_CODES.map((_, code) => code));
  expect(core).toMatchObject({ ASK_PREPARED });
});
