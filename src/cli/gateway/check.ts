import { createGateway } from '../../gateway/index.js';
import { checkGuard } from '../../gateway/node/guard.js';
import { type Context, print } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { asConfigured } from '../usage-error.js';
import type { GatewaySourceOptions } from './options.js';
import { loadGatewaySource } from './source.js';

/** Reads all that the gateway would, and judges it. */
export async function checkConfig(context: Context, options: GatewaySourceOptions): Promise<ExitCode> {
  const source = loadGatewaySource(context, options);
  const { config, hosts, rules, issueSecret } = source;
  checkGuard(config);
  // The keys are judged by who would use them.
  await asConfigured(source.place, () =>
    createGateway({ hosts, token: rules, realm: config.auth.realm, issueSecret, replay: { capacity: 1 } }),
  );
  const names = Object.keys(hosts);
  await print(
    context,
    `usable: ${names.length} ${names.length === 1 ? 'host' : 'hosts'}, ${config.listen}\n`,
  );
  return EXIT.ok;
}
