import { Command } from 'commander';
import type { GatewayOptions } from '../server/load.js';
import type { CommandDefinition } from './command.js';

const EXAMPLES = `
Signals: SIGHUP reads configuration and keys again, SIGTERM and SIGINT answer what is under way and end.

Examples:
  totp-token gateway --dev
  totp-token gateway --keys keys.json
  totp-token gateway --config gateway.toml`;

export function addGatewayOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration in TOML; TOTP_TOKEN_GATEWAY_CONFIG names it too')
    .option('-k, --keys <file>', 'key file, instead of the one that the configuration names')
    .option(
      '-l, --listen <address>',
      'HOST:PORT, [IPV6]:PORT or unix:PATH (default: 127.0.0.1:8080)',
    )
    .option(
      '--dovecot <address>',
      'also speak Dovecot’s authentication protocol there, for Prosody and mail servers',
    )
    .option('--workers <number>', 'processes, which share one guard (default: 1)');
}

export const gatewayCommand: CommandDefinition = (context, done) =>
  addGatewayOptions(
    new Command('gateway')
      .summary('verify tokens over HTTP')
      .description(
        'Runs the gateway: verifies tokens over HTTP for XMPP servers, proxies and programs.',
      ),
  )
    .option('--dev', 'make fresh keys, and print a token to try; for this machine only')
    .option('--page <folder>', 'with --dev: serve the files of this folder, too')
    .addHelpText('after', EXAMPLES)
    .action(async (options: GatewayOptions) => {
      // Its libraries take longer to load than the other commands to run.
      const { serve } = await import('./serve.js');
      done(await serve(context, options));
    });
