import { VerifierError } from '../errors.js';
import type { TokenOptions } from '../index.js';
import type { KeyringShape } from './shape.js';

/** Keys and what goes with them, wherever they came from. */
export interface Keyring extends KeyringShape {
  /** What the user calls a field of the library, with file and line where there are such. */
  readonly place: (field: string) => string;
}

/** A keyring, and what the owner of its file should hear. */
export interface ReadKeyring {
  readonly keyring: Keyring;
  readonly warnings: readonly string[];
}

/** What an issuer and a verifier take alike. */
export function tokenOptions({ hosts, period, digits, algorithm }: Keyring): TokenOptions {
  return { hosts, period, digits, algorithm };
}

/**
 * Runs `make` and turns the library's complaint about an option into one about what the user wrote.
 *
 * @param place - Gives a library's field, such as `hosts["example.com"].otpSeed`, the name that the
 *   user knows it by.
 * @throws {VerifierError} The complaint, with the user's name of the field.
 */
export async function asConfigured<T>(
  place: (field: string) => string,
  make: () => T | Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof VerifierError) || error.field === undefined) throw error;
    const { code, field, message } = error;
    // The message of a field reads "field: fault; fix".
    if (!message.startsWith(`${field}: `)) throw error;
    const name = place(field);
    throw new VerifierError(code, `${name}${message.slice(field.length)}`, { field: name });
  }
}
