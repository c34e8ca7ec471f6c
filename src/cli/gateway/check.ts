import { readConfiguration } from '../../server/load.js';
import type { GatewaySourceOptions } from '../../server/options.js';
import { type Context, print, warned } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

/** Reads all that the gateway would, and checks it. */
export async function checkConfig(context: Context, options: GatewaySourceOptions): Promise<ExitCode> {
  const { config, hosts } = warned(context, await readConfiguration(context.env, options)).loaded;
  const names = Object.keys(hosts);
  await print(
    context,
    `usable: ${names.length} ${names.length === 1 ? 'host' : 'hosts'}, ${config.listen}\n`,
  );
  return EXIT.ok;
}
