/** docs/core-abi.md lists every export of the core, with its arguments, and the ABI as it is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GUARD_CODES } from '../../src/guards/guard.js';
import { ASK_PREPARED, VERDICT_CODES } from '../../src/token/verdict.js';
import { sharedCore } from '../../src/wasm/core.js';
import { ABI } from '../../src/wasm/instance.js';
import { ROOT } from '../../tools/testbed/root.js';

const page = readFileSync(join(ROOT, 'docs', 'core-abi.md'), 'utf8');

/** Arguments that are whole numbers in an f64. */
const F64 = ['step', 'firstStep'];

/** What the page says, by name: the types of the arguments, then that of the result. */
function documented(): Record<string, string> {
  const [, text = ''] = /<!-- exports: .*? -->(.*)<!-- \/exports -->/s.exec(page) ?? [];
  const rows = text.matchAll(/^\| `(\w+)\((.*?)\)(?: → (\w+))?` \|/gm);
  return Object.fromEntries(
    [...rows].map(([, name, args = '', result = 'nothing']) => {
      const types = args.split(', ').filter(Boolean);
      return [name, [...types.map((arg) => (F64.includes(arg) ? 'f64' : 'i32')), result].join(' ')];
    }),
  );
}

/** The same of a built module, by its text. */
function built(name: string): Record<string, string> {
  const text = readFileSync(join(ROOT, 'build', `${name}.wat`), 'utf8');
  const exports = text.matchAll(/^ \(export "(\w+)" \(func (\S+)\)\)$/gm);
  return Object.fromEntries(
    [...exports].map(([, exported, internal = '']) => {
      const start = text.indexOf(`\n (func ${internal} `) < 0 ? '\n' : ' ';
      const from = text.indexOf(`\n (func ${internal}${start}`);
      const [head = ''] = text.slice(from + 1).split('\n');
      const types = [...head.matchAll(/\(param \S+ (\w+)\)/g)].map(([, type]) => type);
      return [exported, [...types, /\(result (\w+)\)/.exec(head)?.[1] ?? 'nothing'].join(' ')];
    }),
  );
}

// A change here is a change of the ABI, unless it only adds an export: count `abi()` up.
it('lists the exports of both modules with their types', () => {
  expect(Object.keys(built('core')).length).toBeGreaterThan(30);
  expect(documented()).toEqual(built('core-shared'));
  expect(built('core-shared')).toMatchObject(built('core'));
});

it('has the ABI number of the library and of the core', () => {
  expect(/<!-- abi -->(\d+)<!-- \/abi -->/.exec(page)?.[1]).toBe(`${ABI}`);
  expect(sharedCore().calls.abi()).toBe(ABI);
});

it('numbers the verdicts, and the answers of a guard, as the library does', () => {
  const rows = [...page.matchAll(/^\| (\d) \| (?:`([\w-]+)`)?[^|]*\| (?:`([\w-]+)` )?\|$/gm)];
  const verdicts = rows.flatMap(([, number, verdict]) => (verdict ? [[verdict, number]] : []));
  expect(verdicts).toEqual(VERDICT_CODES.map((code, number) => [code, `${number}`]));
  const answers = rows.flatMap(([, number, , answer]) =>
    answer ? [[answer, Number(number)]] : [],
  );
  expect(Object.fromEntries(answers)).toEqual(GUARD_CODES);
  expect(rows.at(-1)?.[1]).toBe(`${ASK_PREPARED}`);
});
