/**
 * What the core's text says about secrets: no path and no address depends on one, but for what is
 * listed here. That runs take the same path is shown by constant-time.test.ts for tokens that it
 * tries; this holds for all.
 */
import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';
import { type CoreFunction, coreFunctions, type Expression, inOrder } from './core-text.js';
import { dependsOnBytes } from './taint.js';

const core = coreFunctions();

function functionOf(name: string): CoreFunction {
  const found = core.get(name);
  expect(found, name).toBeDefined();
  return found!;
}

const CHOICES = new Set(['If', 'Break', 'Select', 'Switch', 'Loop', 'Call', 'Return']);
const isOp = (op: number) => (expression: Expression) => expression.op === op;

/** The instructions before the first `any_true`, back to the last choice, call or return. */
function straightBeforeAnyTrue(name: string): Expression[] {
  const order = inOrder(functionOf(name));
  const end = order.findIndex(
    ({ kind, op }) => kind === 'Unary' && op === (binaryen.AnyTrueVec128 as unknown as number),
  );
  expect(end).toBeGreaterThan(0);
  const begin = order.slice(0, end).findLastIndex(({ kind }) => CHOICES.has(kind)) + 1;
  return order.slice(begin, end);
}

describe('the core', () => {
  it('has no jump tables and no calls by table', () => {
    const kinds = new Set(
      [...core.values()].flatMap((each) => inOrder(each).map(({ kind }) => kind)),
    );
    expect(kinds.size).toBeGreaterThan(15);
    for (const kind of ['Switch', 'CallIndirect', 'CallRef']) expect(kinds).not.toContain(kind);
    for (const kind of kinds) expect(kind).not.toMatch(/unknown/);
  });
});

describe('hashes and MACs', () => {
  for (const name of [
    ...[
      'sha256/compressWords',
      'sha256/fold',
      'sha256x4/compress4',
      'sha1/compress1',
      'sha512/compress512',
    ],
    ...[
      'hash/compress',
      'hash/foldLast',
      'hash/writeDigest',
      'hmac/setKey',
      'hmac/hmac',
      'hmac/absorb',
    ],
    ...['token/writeMac', 'keyring/makeCodes'],
  ]) {
    it(`let no path, address or division depend on a byte of key, message or state: ${name}`, () => {
      expect(dependsOnBytes(functionOf(name))).toEqual([]);
    });
  }

  for (const name of ['four/macFour', 'four/secondWords']) {
    it(`let no path or address depend on a vector, whose lanes are addresses and lengths: ${name}`, () => {
      expect(dependsOnBytes(functionOf(name), 'vectors')).toEqual([]);
    });
  }

  it('let hotp/hotp read the four bytes that RFC 4226 §5.3 selects by the MAC, and their digits', () => {
    // Once a step and key, before any token is looked at. The MAC lies within 64 bytes.
    expect(dependsOnBytes(functionOf('hotp/hotp')).sort()).toEqual([
      'Load.ptr',
      'division',
      'division',
    ]);
  });
});

describe('the comparison of signatures', () => {
  for (const name of ['token/tryKeys', 'batch/signFour']) {
    it(`compares the MAC and all 44 characters together, without a choice before the last: ${name}`, () => {
      const stretch = straightBeforeAnyTrue(name);
      const vectors = stretch.filter(({ kind, type }) => kind === 'Load' && type === binaryen.v128);
      // Three times sixteen of either, besides constants.
      expect(vectors.length).toBeGreaterThanOrEqual(6);
      const xors = stretch.filter(isOp(binaryen.XorVec128 as unknown as number));
      expect(xors).toHaveLength(3);
      // The alphabet is looked up in a register.
      expect(
        stretch.filter(isOp(binaryen.SwizzleVecI8x16 as unknown as number)).length,
      ).toBeGreaterThanOrEqual(6);
    });
  }
});

describe('the comparison of OTPs', () => {
  it('lets token/tryKeys branch on the step, all OTPs together, the whole signature and the form of the input', () => {
    const found = dependsOnBytes(functionOf('token/tryKeys'));
    const choices = found.filter((each) => /condition/.test(each)).sort();
    expect(choices).toEqual([...Array(4).fill('If.condition'), 'Select.condition']);
    expect(found).not.toContain('division');
  });
});
