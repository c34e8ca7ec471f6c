import { optionError, type VerifierError } from './errors.js';

/**
 * Texts that look like a misspelt option: short, or in camel case. A seed in base32 has 16 characters
 * or more, in one case.
 */
const PLAIN_NAME = /^(?:[a-zA-Z]{1,15}|(?=.{1,24}$)[a-z]+(?:[A-Z][a-z]+)+|\w{1,4})$/;

/**
 * Refuses a value that is not an object, and unknown names. Otherwise a misspelt option would
 * silently get its default.
 *
 * @param where - The name of the object, such as `options` or `window`.
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
  // Does not use Object.keys, because this runs in a verification, which should not allocate.
  for (const name in options) {
    if (Object.hasOwn(options, name) && !known.includes(name)) {
      // A secret may stand where a name belongs. It must not be shown.
      const field = PLAIN_NAME.test(name) ? `${where}.${name}` : where;
      throw optionError(
        field,
        field === where ? 'an unknown name' : 'unknown',
        `known are ${known.join(', ')}`,
      );
    }
  }
}

/**
 * Checks that a value is a whole number from `min` to `max`. Returns `otherwise` if it is
 * undefined.
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
 * Checks that a value is a function or undefined.
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
 * Describes a value for a message. Shows numbers, and only the type of other values, because they
 * may be secrets in the wrong place.
 */
export function described(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return value === null || value === undefined ? `${value}` : `a value of type ${typeof value}`;
}

/**
 * Returns an error if a required value, such as a secret, is undefined, null or empty. Usually it
 * comes from an environment variable that is not set. Returns `undefined` if the value is present.
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
 * Whether a number of milliseconds is probably seconds. As milliseconds it lies between January and
 * April 1970. As seconds it lies between 2001 and 2286.
 */
export function looksLikeSeconds(timeMs: number): boolean {
  return timeMs >= 1e9 && timeMs < 1e10;
}

/** Fixes for values that give the time in another form. */
const INSTEAD: Readonly<Record<string, string>> = {
  '[object Date]': 'a Date; write date.getTime()',
  '[object BigInt]': 'a bigint; write Number(instant)',
  '[object String]': 'a string; write Number(text), or Date.parse(text) for a date',
  '[object Promise]': 'a promise; the time must be there at once',
};

/**
 * Checks that a value is a number of milliseconds since the epoch, and not seconds by mistake.
 *
 * @param name - The caller's name of the instant, for messages.
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
