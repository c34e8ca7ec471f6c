import { Command } from 'commander';
import type { GatewaySourceOptions } from '../server/options.js';
import type { CommandDefinition } from './command.js';

const EXAMPLES = `
It reads questions from stdin and answers on stdout; its log goes to stderr. Each process has a guard of its own, so run one,
or give all of them one guard (guard.kind = "lmdb" in the configuration).

Examples, for ejabberd.yml:
  extauth_program: totp-token extauth --config /etc/totp-token/gateway.toml
  extauth_pool_size: 1`;

export const extauthCommand: CommandDefinition = (context, done) =>
  new Command('extauth')
    .summary('verify tokens for ejabberd')
    .description('Answers the questions of ejabberd’s external authentication: the token is the password.')
    .option('-c, --config <file>', 'configuration in TOML, as for the gateway')
    .option('-k, --keys <file>', 'key file, instead of the one that the configuration names')
    .addHelpText('after', EXAMPLES)
    .action(async (options: GatewaySourceOptions) => {
      const { runExtauth } = await import('./gateway/extauth.js');
      done(await runExtauth(context, options));
    });
