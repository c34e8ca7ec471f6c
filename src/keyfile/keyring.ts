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
