import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import pino from 'pino';
import { createIssuer, generateKeys } from '../index.js';
import { VARIABLES } from '../keyfile/variables.js';
import { judge } from '../server/check.js';
import { Workers } from '../server/cluster/leader.js';
import { WorkerLink } from '../server/cluster/worker.js';
import type { Loaded } from '../server/config/loaded.js';
import { type GatewaySource, loadGatewaySource } from '../server/load.js';
import type { GatewayOptions } from '../server/options.js';
import { runGateway, whyOf } from '../server/run.js';
import { type Context, note, warn } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { packageVersion } from './package-version.js';
import { asConfigured, UsageError } from './usage-error.js';

/** Log lines kept for a slow reader of stdout; what comes on top of it is lost, as memory must be bounded. */
const LOG_BUFFER_BYTES = 16 * 1024 * 1024;
const DEV_HOST = 'example.com';

/** Runs the gateway until it is told to end. */
export async function serve(context: Context, options: GatewayOptions): Promise<ExitCode> {
  if (options.page !== undefined && !options.dev) throw new UsageError('--page: for --dev only');
  const link = await WorkerLink.find();
  if (link !== undefined) return serveAsWorker(context, options, link);
  const dev = options.dev ? devVariables(context, options) : undefined;
  const load = () => loadGatewaySource({ ...context, env: { ...context.env, ...dev } }, options);
  const first = load();
  if (first.config.workers > 1) return lead(context, options, first, load);
  const { running, log } = await run(context, options, withFirst(first, load), first.place);
  const stopped = untilStopped(running);
  await greet(context, options, running.address, first);
  if (running.dovecot !== undefined) note(context, `Dovecot’s protocol at ${running.dovecot}`);
  await stopped;
  log.flushSync();
  return EXIT.ok;
}

/** One of several processes. It reads no configuration: all of them run on what the leader hands them. */
async function serveAsWorker(context: Context, options: GatewayOptions, link: WorkerLink): Promise<ExitCode> {
  let load = () => link.loaded;
  const { running, log } = await run(
    context,
    options,
    () => load(),
    (field) => field,
    link,
  );
  link.onReload((next) => {
    load = next;
    void running.reload();
  });
  await untilStopped({ reload() {}, stop: () => running.stop() });
  log.flushSync();
  link.close();
  return EXIT.ok;
}

async function run(
  context: Context,
  options: GatewayOptions,
  load: () => Loaded,
  place: GatewaySource['place'],
  link?: WorkerLink,
) {
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
  const version = packageVersion();
  const running = await asConfigured(place, () =>
    runGateway({ load, log, version, files: options.page, link, clock: context.now }),
  );
  return { running, log };
}

/** What was read to find out how to run is not read again for the first start. */
function withFirst(first: Loaded, load: () => Loaded): () => Loaded {
  let next: Loaded | undefined = first;
  return () => {
    const loaded = next ?? load();
    next = undefined;
    return loaded;
  };
}

/**
 * Several processes: this one starts them and serves nothing itself. It alone reads the configuration, so that a worker which
 * takes the place of another has the same guard, whatever the files say by then.
 */
async function lead(
  context: Context,
  options: GatewayOptions,
  first: GatewaySource,
  load: () => GatewaySource,
): Promise<ExitCode> {
  await judge(first);
  // Sessions that one of them makes, all of them know.
  const secret = randomBytes(32).toString('hex');
  const handedOn = ({ place: _, ...loaded }: GatewaySource): Loaded => ({
    ...loaded,
    sessionSecret: loaded.sessionSecret ?? secret,
  });
  const workers = new Workers({
    loaded: handedOn(first),
    program: process.argv[1] ?? '',
    args: process.argv.slice(2),
    log: context.stdout,
    errors: context.stderr,
  });
  const reload = async () => {
    try {
      const next = load();
      await judge(next);
      workers.reload(handedOn(next));
    } catch (error) {
      workers.refuse(whyOf(error));
    }
  };
  // One after the other, so that the last one counts.
  let last = Promise.resolve();
  const stopped = untilStopped({
    reload: () => {
      last = last.then(reload);
    },
    stop: () => workers.stop(),
  });
  const address = await workers.start();
  if (address === undefined) return workers.exitCode as ExitCode;
  await greet(context, options, address, first);
  await stopped;
  return EXIT.ok;
}

/** Serves until a signal; a second one ends it at once. Listens to signals before it waits. */
async function untilStopped(running: { reload(): unknown; stop(): Promise<unknown> }): Promise<void> {
  const reload = () => void running.reload();
  process.on('SIGHUP', reload);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await running.stop();
  process.off('SIGHUP', reload);
}

/** Keys that live as long as the gateway. A token of the step it starts in must be good at once. */
function devVariables({ env }: Context, options: GatewayOptions): Context['env'] {
  if (options.keys !== undefined) throw new UsageError('--dev and --keys: give one of them');
  const { otpSeed, tokenSecret } = generateKeys();
  return {
    [VARIABLES.host]: DEV_HOST,
    [VARIABLES.otpSeed]: otpSeed,
    [VARIABLES.tokenSecret]: tokenSecret,
    TOTP_TOKEN_GATEWAY_GUARD_REJECT_STEPS_BEFORE: env.TOTP_TOKEN_GATEWAY_GUARD_REJECT_STEPS_BEFORE ?? 'none',
    TOTP_TOKEN_KEYS: undefined,
  };
}

async function greet(context: Context, options: GatewayOptions, address: string, source: GatewaySource) {
  note(context, `totp-token gateway at ${address}`);
  if (options.dev) await sayHowToTry(context, address, source);
  if (options.page !== undefined) note(context, `In a browser: ${address}/\n`);
}

async function sayHowToTry(context: Context, address: string, { hosts, rules }: GatewaySource) {
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
