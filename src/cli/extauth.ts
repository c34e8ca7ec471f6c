import { Command } from 'commander';
import type { GatewaySourceOptions } from '../server/load.js';
import { type CommandDefinition, EXIT, type ExitCode } from './command.js';
import { type Context, print, warned } from './context.js';
import { reloadOnSignal } from './signals.js';

const EXAMPLES = `
It reads questions from stdin and answers on stdout. Its log goes to stderr. Each process has a
guard of its own: run one process, or give all of them one guard (guard.kind = "lmdb" in the
configuration).

Examples, for ejabberd.yml:
  extauth_program: totp-token extauth --config /etc/totp-token/gateway.toml
  extauth_pool_size: 1`;

export const extauthCommand: CommandDefinition = (context, done) =>
  new Command('extauth')
    .summary('verify tokens for ejabberd')
    .description(
      'Answers the questions of ejabberd’s external authentication. The token is the password.',
    )
    .option('-c, --config <file>', 'configuration in TOML, as for the gateway')
    .option('-k, --keys <file>', 'key file, instead of the one that the configuration names')
    .addHelpText('after', EXAMPLES)
    .action(async (options: GatewaySourceOptions) => {
      done(await runExtauth(context, options));
    });

/** Answers the questions on stdin until it ends. SIGHUP reads the configuration again. */
async function runExtauth(context: Context, options: GatewaySourceOptions): Promise<ExitCode> {
  // Loaded here, because the server's libraries take longer to load than other commands take to
  // run.
  const [{ answerExtauth }, { readConfiguration }, { runGateway }] = await Promise.all([
    import('../gateway/protocols/extauth.js'),
    import('../server/load.js'),
    import('../server/run.js'),
  ]);
  const read = async () => warned(context, await readConfiguration(context.env, options)).loaded;
  const { gateway, apply, refuse, stop } = await runGateway(await read(), {
    log: context.stderr,
    version: context.version,
    isServing: false,
    clock: context.now,
  });
  reloadOnSignal(async () => {
    try {
      await apply(await read());
    } catch (error) {
      refuse(error);
    }
  });
  const answers = answerExtauth(context.stdin, {
    check: (jid, token) => gateway.checker.check(jid, token, 'extauth'),
    refuse: (why) => gateway.checker.refuse('extauth', why),
    hosts: () => gateway.verifier.hosts,
  });
  for await (const answer of answers) await print(context, answer);
  reloadOnSignal(undefined);
  await stop();
  return EXIT.ok;
}
