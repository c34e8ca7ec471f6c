import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from '../../../src/keyfile/scan-json.js';
import { fieldPath } from '../../../src/keyfile/shape.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('scanJson', () => {
  it('takes every document that JSON.parse takes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(0, 1, 3), (text, indent) => {
        expect(scanJson(JSON.stringify(JSON.parse(text), null, indent)).ok).toBe(true);
      }),
    );
  });

  it('refuses every changed document that JSON.parse refuses', () => {
    const document = JSON.stringify(
      { a: [1, -2.5e3, 'x\\"\u00e9', true, null], b: { c: false } },
      null,
      1,
    );
    const change = fc.tuple(
      fc.nat(document.length),
      fc.nat(3),
      fc.string({ unit: fc.constantFrom(...'{}[],:"\'\\ \n\t0123eE+-.truefalsn/u'), maxLength: 3 }),
    );
    fc.assert(
      fc.property(change, ([at, removed, added]) => {
        const text = document.slice(0, at) + added + document.slice(at + removed);
        expect(scanJson(text).ok, text).toBe(isJson(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('gives the line of every value', () => {
    const scan = scanJson('{\n"hosts":\n{"a.b":\n[{"otpSeed":\n"x"}]},\r\n"period": 1}');
    expect(scan.ok && Object.fromEntries(scan.lines)).toEqual({
      '': 1,
      hosts: 3,
      'hosts["a.b"]': 4,
      'hosts["a.b"][0]': 4,
      'hosts["a.b"][0].otpSeed': 5,
      period: 6,
    });
  });

  it('finds a name that stands twice in a table, however it is escaped', () => {
    const scan = scanJson('{"a": {"x": 1, "\\u0078": 2}}');
    expect(scan.ok && scan.repeated).toBe('a.x');
  });
});

it('fieldPath writes a field as the errors of the library name it', () => {
  expect(fieldPath(['hosts', 'a"b', 1, 'otpSeed'])).toBe('hosts["a\\"b"][1].otpSeed');
  expect(fieldPath(['window', 'past'])).toBe('window.past');
});
