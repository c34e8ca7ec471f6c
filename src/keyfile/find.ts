import type { ReadKeyring } from './keyring.js';
import { readKeyring } from './read.js';
import { hasVariables, keyringOfVariables, type Variables } from './variables.js';

/** Names a key file. */
export const KEYS_VARIABLE = 'TOTP_TOKEN_KEYS';

/** Whether the environment names any keys, good or bad. */
export const namesKeys = (env: Variables): boolean => Boolean(env[KEYS_VARIABLE]) || hasVariables(env);

/**
 * The keys that the environment names: a file before single values.
 *
 * @returns Undefined where it names none.
 * @throws {VerifierError} `ERR_OPTION`: they are not usable.
 */
export function keyringOfEnvironment(env: Variables): ReadKeyring | undefined {
  const path = env[KEYS_VARIABLE];
  if (path) return readKeyring(path);
  return hasVariables(env) ? { keyring: keyringOfVariables(env, () => ''), warnings: [] } : undefined;
}
