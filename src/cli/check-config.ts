import { Command } from 'commander';
import type { GatewaySourceOptions } from '../server/options.js';
import type { CommandDefinition } from './command.js';
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
      const { checkConfig } = await import('./gateway/check.js');
      done(await checkConfig(context, options));
    });
