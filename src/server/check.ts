import { createGateway } from '../gateway/index.js';
import { asConfigured } from '../keyfile/keyring.js';
import type { Loaded } from './config/schema.js';
import { checkGuardSettings } from './guard.js';

/**
 * Checks whether a gateway could run on a configuration: no address is listened on, no store is
 * opened.
 *
 * @param place - Gives a field of the library the name by which the user knows it.
 * @throws {VerifierError} A gateway could not run on it.
 */
export async function checkLoaded(loaded: Loaded, place: (field: string) => string): Promise<void> {
  const { config, hosts, rules, issueSecret, folder = '.' } = loaded;
  await asConfigured(place, async () => {
    await checkGuardSettings(config, rules, folder);
    // Keys and settings are checked by what would use them.
    await createGateway({
      hosts,
      token: rules,
      realm: config.auth.realm,
      issueSecret,
      replay: { capacity: 1 },
    });
  });
}
