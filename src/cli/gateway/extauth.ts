import { answerExtauth } from '../../gateway/protocols/extauth.js';
import { readConfiguration } from '../../server/load.js';
import type { GatewaySourceOptions } from '../../server/options.js';
import { runGateway } from '../../server/run.js';
import { type Context, print, warned } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { packageVersion } from '../package-version.js';
import { reloadOnSignal } from '../signals.js';

/** Answers on stdout what is asked on stdin, until that ends. SIGHUP reads the configuration again. */
export async function runExtauth(context: Context, options: GatewaySourceOptions): Promise<ExitCode> {
  const read = async () => warned(context, await readConfiguration(context.env, options)).loaded;
  const { gateway, apply, refuse, stop } = await runGateway(await read(), {
    log: context.stderr,
    version: packageVersion(),
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
    hosts: () => gateway.verifier.hosts,
  });
  for await (const answer of answers) await print(context, answer);
  reloadOnSignal(undefined);
  await stop();
  return EXIT.ok;
}
