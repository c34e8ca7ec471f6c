import { VerifierError } from '../errors.js';

/**
 * Runs `make` and turns the library's complaint about an option into one about what the user wrote.
 *
 * @param place - Gives a library's field, such as `hosts["example.com"].otpSeed`, the name that the user knows it by.
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
