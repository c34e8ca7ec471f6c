import { Command } from 'commander';
import type { GatewaySourceOptions } from '../server/load.js';
import { type CommandDefinition, EXIT, type ExitCode } from './command.js';
import { type Context, print, warned } from './context.js';
import { addGatewayOptions } from './gateway.js';

const EXAMPLES = `
Exit code: 0 usable, 2 not.

Examples:
  totp-token check-config --config gateway.toml && systemctl reload totp-token`;

export const checkConfigCommand: CommandDefinition = (context, done) =>
  addGatewayOptions(
    new Command('check-config')
      .summary('check the configuration of the gateway')
      .description(
        'Reads what the gateway would read, and says whether it could run on it. Listens nowhere.',
      ),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (options: GatewaySourceOptions) => {
      done(await checkConfig(context, options));
    });

/** Reads and checks all that the gateway would run on. */
async function checkConfig(context: Context, options: GatewaySourceOptions): Promise<ExitCode> {
  // The server's libraries take longer to load than the other commands to run.
  const { readConfiguration } = await import('../server/load.js');
  const { config, hosts } = warned(context, await readConfiguration(context.env, options)).loaded;
  const names = Object.keys(hosts);
  await print(
    context,
    `usable: ${names.length} ${names.length === 1 ? 'host' : 'hosts'}, ${config.listen}\n`,
  );
  return EXIT.ok;
}
