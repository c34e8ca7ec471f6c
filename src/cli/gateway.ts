import { Command } from 'commander';
import { stringify } from 'smol-toml';
import { renamingFields } from '../errors.js';
import type { GatewayOptions, GatewaySourceOptions } from '../server/load.js';
import { type CommandDefinition, EXIT, type ExitCode, UsageError } from './command.js';
import { type Context, print, warned } from './context.js';

const GATEWAY_EXAMPLES = `
Signals: SIGHUP reads configuration and keys again. SIGTERM and SIGINT finish the requests under way and end.

Examples:
  totp-token gateway --dev
  totp-token gateway --keys keys.json
  totp-token gateway --config gateway.toml`;

/** Adds the options that `gateway` and `check-config` share. */
function addGatewayOptions(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      'configuration in TOML (default: the file that TOTP_TOKEN_GATEWAY_CONFIG names)',
    )
    .option('-k, --keys <file>', 'key file, instead of the one that the configuration names')
    .option(
      '-l, --listen <address>',
      'HOST:PORT, [IPV6]:PORT or unix:PATH (default: 127.0.0.1:8080)',
    )
    .option(
      '--dovecot <address>',
      'also speak Dovecot’s authentication protocol there, for Prosody and mail servers',
    )
    .option(
      '--spoe <address>',
      'also answer HAProxy there, by its Stream Processing Offload Protocol',
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
    .option('--dev', 'make fresh keys and print a token to try, on this machine only')
    .addHelpText('after', GATEWAY_EXAMPLES)
    .action(async (options: GatewayOptions) => {
      // Loaded here, because the libraries take longer to load than other commands take to run.
      const { serve } = await import('./serve.js');
      done(await serve(context, options));
    });

const CHECK_EXAMPLES = `
Exit code: 0 usable, 2 not.

Examples:
  totp-token check-config --config gateway.toml && systemctl reload totp-token
  totp-token check-config --config gateway.toml --connect    # before the first start
  totp-token check-config --config gateway.toml --print`;

interface CheckOptions extends GatewaySourceOptions {
  readonly connect?: string | true;
  readonly print?: boolean;
  readonly json?: boolean;
}

export const checkConfigCommand: CommandDefinition = (context, done) =>
  addGatewayOptions(
    new Command('check-config')
      .summary('check the configuration of the gateway')
      .description(
        'Reads and checks the configuration as the gateway would. Opens no store or address without --connect.',
      ),
  )
    .option(
      '--connect [what]',
      'also open the guard’s store and briefly each address; while a gateway runs, write "stores" to open only the store',
    )
    .option('--print', 'print the effective configuration in TOML, without secrets')
    .option('--json', 'print it in JSON')
    .addHelpText('after', CHECK_EXAMPLES)
    .action(async (options: CheckOptions) => {
      done(await checkConfig(context, options));
    });

/** Reads and checks everything that the gateway would run on. */
async function checkConfig(context: Context, options: CheckOptions): Promise<ExitCode> {
  const scope = scopeOf(options.connect);
  if (options.print && options.json) {
    throw new UsageError('--print and --json: give one of them');
  }
  // Loaded here, because the server's libraries take longer to load than other commands take to
  // run.
  const { readConfiguration, showConfiguration } = await import('../server/load.js');
  const { loaded, place } = warned(context, await readConfiguration(context.env, options));
  if (scope !== undefined) {
    const { probe } = await import('../server/probe.js');
    const warnings = await renamingFields(place, () => probe(loaded, scope, context.now));
    warned(context, { warnings });
  }
  const names = Object.keys(loaded.hosts);
  const usable = `usable: ${names.length} ${names.length === 1 ? 'host' : 'hosts'}, ${loaded.config.listen}\n`;
  const shown = () => showConfiguration(loaded);
  if (options.json) await print(context, `${JSON.stringify(shown(), null, 2)}\n`);
  else if (options.print) await print(context, `# ${usable}${stringify(shown())}`);
  else await print(context, usable);
  return EXIT.ok;
}

function scopeOf(connect: CheckOptions['connect']): 'all' | 'stores' | undefined {
  if (connect === undefined || connect === 'stores') return connect;
  if (connect === true || connect === 'all') return 'all';
  throw new UsageError('--connect: not known; write --connect, or --connect stores');
}
