import { optionError } from './errors.js';

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
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
