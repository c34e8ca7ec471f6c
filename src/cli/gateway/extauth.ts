import { answerExtauth } from '../../gateway/protocols/extauth.js';
import { loadGatewaySource } from '../../server/load.js';
import type { GatewaySourceOptions } from '../../server/options.js';
import { runGateway } from '../../server/run.js';
import { type Context, print } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { packageVersion } from '../package-version.js';
import { asConfigured } from '../usage-error.js';

/** Answers on stdout what is asked on stdin, until that ends. SIGHUP reads the configuration again. */
export async function runExtauth(context: Context, options: GatewaySourceOptions): Promise<ExitCode> {
  const load = () => loadGatewaySource(context, options);
  const { place } = load();
  const { gateway, reload, stop } = await asConfigured(place, () =>
    runGateway({
      load,
      log: context.stderr,
      version: packageVersion(),
      isServing: false,
      clock: context.now,
    }),
  );
  const reread = () => void reload();
  process.on('SIGHUP', reread);
  const answers = answerExtauth(context.stdin, {
    check: (jid, token) => gateway.checker.check(jid, token, 'extauth'),
    hosts: () => gateway.verifier.hosts,
  });
  for await (const answer of answers) await print(context, answer);
  process.off('SIGHUP', reread);
  await stop();
  return EXIT.ok;
}
