import { judge } from '../../server/check.js';
import { loadGatewaySource } from '../../server/load.js';
import type { GatewaySourceOptions } from '../../server/options.js';
import { type Context, print } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

/** Reads all that the gateway would, and judges it. */
export async function checkConfig(context: Context, options: GatewaySourceOptions): Promise<ExitCode> {
  const source = loadGatewaySource(context, options);
  await judge(source);
  const { config, hosts } = source;
  const names = Object.keys(hosts);
  await print(
    context,
    `usable: ${names.length} ${names.length === 1 ? 'host' : 'hosts'}, ${config.listen}\n`,
  );
  return EXIT.ok;
}
