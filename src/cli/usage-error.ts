import { VerifierError } from '../errors.js';

/**
 * Something the person at the keyboard can put right. Ends the program with `EXIT.unusable` and the message alone.
 *
 * The message says what is wrong and what to write. It quotes no value that could be a secret or a token.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs `make` and turns the library's complaint about an option into one about what the user wrote.
 *
 * @param place - Gives a library's field, such as `hosts["example.com"].otpSeed`, the name that the user knows it by.
 */
export async function asConfigured<T>(
  place: (field: string) => string,
  make: () => T | Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    const { field, message } = error;
    if (field === undefined || !message.startsWith(`${field}: `)) throw new UsageError(message);
    throw new UsageError(`${place(field)}: ${message.slice(field.length + 2)}`);
  }
}
