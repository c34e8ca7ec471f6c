/** The tables of docs/totp.md for who comes from another library: both sides do the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as OTPAuth from 'otpauth';
import * as otplib from 'otplib';
import { describe, expect, it } from 'vitest';
import * as totpToken from '../../src/index.js';
import { ROOT } from '../../tools/lib/process.mjs';

const page = readFileSync(join(ROOT, 'docs', 'totp.md'), 'utf8');
const rowsOf = (library: string) => {
  const section = page.split(`### From ${library}\n`)[1]?.split('\n## ')[0]?.split('\n### ')[0];
  return [...(section ?? '').matchAll(/^\| `(.+?)` \| `(.+?)` \|$/gm)].map(
    ([, wrote = '', write = '']) => ({ wrote, write }),
  );
};

// RFC 4226 Appendix D: the secret and the code of counter 3.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const names = { issuer: 'Example', account: 'alice@example.com' };
const uri = totpToken.otpauthUri({ ...names, secret, digits: 6 });
const scope = () => ({
  ...totpToken,
  otplib,
  OTPAuth,
  ...names,
  secret,
  uri,
  counter: 3,
  hotpCode: '969429',
  code: totpToken.totp({ secret, digits: 6 }),
});

function resultOf(expression: string): unknown {
  const given = scope();
  // The text is that of our own page.
  return new Function(...Object.keys(given), `return (${expression});`)(...Object.values(given));
}

/** A verdict of any of the libraries: a verdict of ours, `{ valid }`, or the steps between, if any. */
function isGood(verdict: unknown): boolean {
  if (typeof verdict !== 'object' || verdict === null) return typeof verdict === 'number';
  return 'ok' in verdict ? verdict.ok === true : 'valid' in verdict && verdict.valid === true;
}

const read = (text: string) =>
  text.startsWith('otpauth:') ? totpToken.parseOtpauthUri(text) : text;

/** A step may end between two codes: then both are made again. */
function bothSides(wrote: string, write: string): [unknown, unknown] {
  for (;;) {
    const step = totpToken.timeStep(Date.now() / 1000);
    const both: [unknown, unknown] = [resultOf(wrote), resultOf(write)];
    if (step === totpToken.timeStep(Date.now() / 1000)) return both;
  }
}

describe.each([
  ['otplib', 6],
  ['otpauth', 6],
] as const)('the table for %s', (library, count) => {
  const rows = rowsOf(library);
  it('has its rows', () => expect(rows).toHaveLength(count));

  it.each(rows)('says the same on both sides: $wrote', ({ wrote, write }) => {
    const [theirs, ours] = bothSides(wrote, write);
    if (typeof ours === 'string') expect(read(ours)).toEqual(read(theirs as string));
    else expect([isGood(theirs), isGood(ours)]).toEqual([true, true]);
  });
});

describe.each([
  ['speakeasy', 6],
  ['pyotp', 8],
] as const)('the table for %s, which is not installed here', (library, count) => {
  const rows = rowsOf(library);
  it('has its rows', () => expect(rows).toHaveLength(count));

  it.each(rows)('proposes what gives a code, a URI or a good verdict: $write', ({ write }) => {
    const [, ours] = bothSides('0', write);
    if (typeof ours === 'string') expect(ours).toMatch(/^(?:\d{6}|otpauth:.*|[A-Z2-7]{32})$/);
    else expect(isGood(ours)).toBe(true);
  });
});
