import { createGateway } from '../../gateway/index.js';
import { checkGuard } from '../../gateway/node/guard.js';
import { asConfigured } from '../usage-error.js';
import type { GatewaySource } from './source.js';

/**
 * Judges a configuration without running on it: no address is listened on, no store is opened.
 *
 * @throws {UsageError} A gateway could not run on it.
 */
export async function judge({ config, hosts, rules, issueSecret, place }: GatewaySource): Promise<void> {
  await asConfigured(place, async () => {
    checkGuard(config);
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
