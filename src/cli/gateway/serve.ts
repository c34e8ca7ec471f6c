import { once } from 'node:events';
import pino from 'pino';
import { type RunningGateway, runGateway } from '../../gateway/node/run.js';
import { createIssuer, generateKeys } from '../../index.js';
import { type Context, note, warn } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { VARIABLES } from '../keyring/variables.js';
import { packageVersion } from '../package-version.js';
import { asConfigured, UsageError } from '../usage-error.js';
import type { GatewayOptions } from './options.js';
import { type GatewaySource, loadGatewaySource } from './source.js';

/** Log lines kept for a slow reader of stdout; what comes on top of it is lost, as memory must be bounded. */
const LOG_BUFFER_BYTES = 16 * 1024 * 1024;
const DEV_HOST = 'example.com';

/** Runs the gateway until it is told to end. */
export async function serve(context: Context, options: GatewayOptions): Promise<ExitCode> {
  const load = options.dev ? devSource(context, options) : () => loadGatewaySource(context, options);
  const first = load();
  const log = pino.destination({
    fd: 1,
    sync: false,
    minLength: 4096,
    maxLength: LOG_BUFFER_BYTES,
    periodicFlush: 200,
  });
  // A log that cannot be written stops no login.
  log.on('error', () => {});
  await once(log, 'ready');
  let isFirst = true;
  const running = await asConfigured(first.place, () =>
    runGateway({
      load: () => {
        const source = isFirst ? first : load();
        isFirst = false;
        return source;
      },
      log,
      version: packageVersion(),
      clock: context.now,
    }),
  );
  const stopped = untilStopped(running);
  note(context, `totp-token gateway at ${running.address}`);
  if (options.dev) await sayHowToTry(context, running, first);
  await stopped;
  log.flushSync();
  return EXIT.ok;
}

/** Serves until a signal; a second one ends it at once. Listens to signals before it waits. */
async function untilStopped(running: RunningGateway): Promise<void> {
  const reload = () => void running.reload();
  process.on('SIGHUP', reload);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await running.stop();
  process.off('SIGHUP', reload);
}

/** Keys that live as long as the process. A token of the step it starts in must be good at once. */
function devSource(context: Context, options: GatewayOptions): () => GatewaySource {
  if (options.keys !== undefined) throw new UsageError('--dev and --keys: give one of them');
  const { otpSeed, tokenSecret } = generateKeys();
  const env = {
    TOTP_TOKEN_GATEWAY_GUARD_REJECT_STEPS_BEFORE: 'none',
    ...context.env,
    TOTP_TOKEN_KEYS: undefined,
    [VARIABLES.host]: DEV_HOST,
    [VARIABLES.otpSeed]: otpSeed,
    [VARIABLES.tokenSecret]: tokenSecret,
  };
  return () => loadGatewaySource({ ...context, env }, options);
}

async function sayHowToTry(context: Context, { address }: RunningGateway, { hosts, rules }: GatewaySource) {
  const jid = `alice@${DEV_HOST}`;
  const { period, digits, algorithm } = rules;
  using issuer = await createIssuer({ hosts, period, digits, algorithm, clock: context.now });
  const body = JSON.stringify({ jid, token: issuer.issue(jid) });
  const [url, socket] = address.startsWith('unix:')
    ? ['http://localhost', `--unix-socket ${address.slice(5)} `]
    : [address, ''];
  warn(context, 'development keys, made now and gone with this process: never for a service');
  note(
    context,
    `A token for ${jid}, good once within about a minute:\n\n  curl ${socket}-i ${url}/v1/verify -H 'content-type: application/json' -d '${body}'\n`,
  );
}
