import { asConfigured } from '../cli/usage-error.js';
import { createGateway } from '../gateway/index.js';
import { checkGuard, checkGuardSettings } from './guard.js';
import type { GatewaySource } from './load.js';

/**
 * Judges a configuration without running on it: no address is listened on, no store is opened.
 *
 * @throws {UsageError} A gateway could not run on it.
 */
export async function judge(source: GatewaySource): Promise<void> {
  const { config, hosts, rules, issueSecret, folder = '.', place } = source;
  await asConfigured(place, async () => {
    checkGuard(config);
    await checkGuardSettings(config, rules, folder);
    // Keys and settings are judged by who would use them.
    await createGateway({
      hosts,
      token: rules,
      realm: config.auth.realm,
      issueSecret,
      replay: { capacity: 1 },
    });
  });
}
