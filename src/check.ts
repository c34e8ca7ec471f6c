import { optionError, type VerifierError } from './errors.js';

/**
 * Refuses what is not an object and any name that is not known: a misspelt option would otherwise
 * be a default.
 *
 * @param where - What holds the names, such as `options` or `window`.
 * @throws {VerifierError} `ERR_OPTION`.
 */
export function checkKnown(options: object, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw optionError(
      where,
      `not an object but ${described(options)}`,
      `write { ${known.join(', ')} }`,
    );
  }
  // Not Object.keys: a verification comes by here, and should allocate nothing.
  for (const name in options) {
    if (Object.hasOwn(options, name) && !known.includes(name)) {
      throw optionError(`${where}.${name}`, 'unknown', `known are ${known.join(', ')}`);
    }
  }
}

/**
 * A whole number from `min` to `max`, or `otherwise` where none is given.
 *
 * @throws {VerifierError} `ERR_OPTION`.
 */
export function checkInteger(
  value: number | undefined,
  field: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return otherwise;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw optionError(
      field,
      `got ${described(value)}`,
      `write a whole number from ${min} to ${max}`,
    );
  }
  return value;
}

/**
 * A function, or `undefined` where none is given.
 *
 * @throws {VerifierError} `ERR_OPTION`.
 */
export function checkFunction<F>(value: F | undefined, field: string): F | undefined {
  if (value !== undefined && typeof value !== 'function') {
    throw optionError(
      field,
      `not a function but ${typeof value}`,
      'hand in a function, or leave it out',
    );
  }
  return value;
}

/**
 * A number as it is, and of anything else its type alone: it may be a secret in the wrong place.
 */
export function described(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return value === null || value === undefined ? `${value}` : `a value of type ${typeof value}`;
}

/**
 * The error for a secret, or another value that must be there, which is none at all: as a rule it
 * comes from a variable of the environment that is not set. `undefined` for a value that is there.
 *
 * @param fix - What to write instead.
 */
export function missing(value: unknown, field: string, fix: string): VerifierError | undefined {
  const isMissing = value === undefined || value === null || value === '';
  if (!isMissing) return undefined;
  const fault = value === '' ? 'is empty' : `is ${value}`;
  return optionError(field, fault, `is the variable set? ${fix}`);
}

/**
 * Milliseconds from January to April 1970: such a number is seconds, of 2001 to 2286. So are
 * milliseconds of those years, divided by 1000.
 */
export function looksLikeSeconds(timeMs: number): boolean {
  return timeMs >= 1e9 && timeMs < 1e10;
}

/** What to write in place of a value that tells the time in another form. */
const INSTEAD: Readonly<Record<string, string>> = {
  '[object Date]': 'a Date; write date.getTime()',
  '[object BigInt]': 'a bigint; write Number(instant)',
  '[object String]': 'a string; write Number(text), or Date.parse(text) for a date',
  '[object Promise]': 'a promise; the time must be there at once',
};

/**
 * A number of milliseconds since the epoch, which is not seconds by mistake.
 *
 * @param name - What the caller calls the instant, for messages.
 * @throws {TypeError} Not a number. @throws {RangeError} It looks like seconds.
 */
export function checkInstant(timeMs: number, name: string): void {
  if (typeof timeMs !== 'number') {
    const given = INSTEAD[Object.prototype.toString.call(timeMs)] ?? described(timeMs);
    throw new TypeError(`${name} must be a number of milliseconds: got ${given}`);
  }
  if (looksLikeSeconds(timeMs)) {
    throw new RangeError(
      `${name} must be milliseconds since 1970-01-01T00:00:00Z: got ${timeMs}, which looks like seconds; multiply it by 1000`,
    );
  }
}
