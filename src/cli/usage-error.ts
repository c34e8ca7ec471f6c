/**
 * Something the person at the keyboard can put right. Ends the program with `EXIT.unusable` and the message alone.
 *
 * The message says what is wrong and what to write. It quotes no value that could be a secret or a token.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
