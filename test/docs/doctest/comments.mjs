// What a comment behind an expression promises: `verify(...); // { ok: true, code: 'accepted', step }`.
// A name without a value, and `…` in a text, stand for anything; `'492039', say` for anything of that kind.
import { isDeepStrictEqual } from 'node:util';

const ANY = Symbol('any value');
const LITERAL = /^(?:['"`{[]|-?\d|(?:null|true|false|undefined)\b|[\w]+: |\w*Array\(\d)/;

/** Names in a comment are values that it leaves open; `Uint8Array(32)` is one of that length. */
const NAMES = new Proxy(
  {},
  {
    has: () => true,
    get: (_, name) => {
      if (typeof name === 'symbol' || name === 'undefined') return undefined;
      return name.endsWith('Array')
        ? (/** @type {number} */ length) => ({ [ANY]: name, length })
        : ANY;
    },
  },
);

/** @param {string} text */
function evaluate(text) {
  const isPart = /^\w+: /.test(text);
  try {
    // Not strict, for `with`: only in it do unknown names have a value.
    const values = new Function(
      'names',
      `with (names) { return [${isPart ? `{${text}}` : text}\n]; }`,
    )(NAMES);
    return values.length === 1 ? { value: values[0], isPart } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The values of which a comment promises one, or `undefined` for prose.
 * @param {string} comment
 */
function promised(comment) {
  const alternatives = comment.split(/ or (?=[{'"\d])/).map((text) => {
    // "3. after two minutes" counts steps of a procedure.
    if (!LITERAL.test(text) || /^\d+\. /.test(text)) return undefined;
    const ends = [
      text.length,
      ...[...text.matchAll(/[,.;:]| \(/g)].map(({ index }) => index).reverse(),
    ];
    for (const end of ends) {
      const found = evaluate(text.slice(0, end));
      if (found) return { ...found, isSample: text.slice(end).startsWith(', say') };
    }
    return undefined;
  });
  return alternatives.every((each) => each !== undefined) ? alternatives : undefined;
}

/**
 * @param {any} actual
 * @param {any} expected
 * @param {boolean} isPart - Whether there may be more properties than the comment names.
 * @returns {boolean}
 */
function matches(actual, expected, isPart = false) {
  if (expected === ANY) return actual !== undefined;
  if (typeof expected === 'string' && expected.includes('…')) {
    const pattern = expected
      .split('…')
      .map((text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
    return typeof actual === 'string' && new RegExp(`^${pattern.join('.*')}$`, 's').test(actual);
  }
  if (expected === null || typeof expected !== 'object') return isDeepStrictEqual(actual, expected);
  if (ANY in expected)
    return actual?.constructor.name === expected[ANY] && actual.length === expected.length;
  if (actual === null || typeof actual !== 'object') return false;
  const keys = Object.keys(expected);
  if (!isPart && !isDeepStrictEqual(Object.keys(actual).sort(), [...keys].sort())) return false;
  return keys.every((key) => matches(actual[key], expected[key]));
}

/**
 * @param {unknown} value
 * @param {string} comment
 * @returns Whether it promised anything.
 * @throws {Error} The value is not what the comment says.
 */
export function check(value, comment) {
  const alternatives = promised(comment);
  if (alternatives === undefined) return false;
  const kept = alternatives.some(({ value: expected, isPart, isSample }) => {
    if (!isSample) return matches(value, expected, isPart);
    return typeof value === typeof expected && `${value}`.length === `${expected}`.length;
  });
  if (!kept) throw new Error(`says ${comment}\nis   ${JSON.stringify(value)}`);
  return true;
}
