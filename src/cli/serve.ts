import { renamingFields } from '../errors.js';
import { createIssuer, generateKeys } from '../index.js';
import { KEYS_VARIABLE } from '../keyfile/read.js';
import { VARIABLES } from '../keyfile/variables.js';
import { startLeader } from '../server/cluster/leader.js';
import { isWorker, runWorker } from '../server/cluster/worker.js';
import type { Loaded } from '../server/config/schema.js';
import type { GatewayOptions } from '../server/load.js';
import { readConfiguration } from '../server/load.js';
import { boundedOutput, openLogOutput } from '../server/observe/log.js';
import { type RunningServer, type RunOptions, runGateway } from '../server/run.js';
import { EXIT, type ExitCode, UsageError } from './command.js';
import { type Context, note, warn, warned } from './context.js';
import { notifyReady } from './readiness.js';
import { catchStop, stopNow, untilStopped } from './signals.js';

const DEV_HOST = 'example.com';
/** How long the last lines of the log may take to be written. Then the process ends. */
const LAST_LINES_MS = 200;

/**
 * Runs the gateway until a signal ends it.
 *
 * @returns The exit code. The process ends with it, even if something is left open.
 */
export async function serve(context: Context, options: GatewayOptions): Promise<ExitCode> {
  for (const stream of [context.stdout, context.stderr]) surviveReader(stream);
  const log = await openLogOutput(1);
  const common = { log, version: context.version, clock: context.now };
  const server = isWorker() ? await beWorker(common) : await start(context, options, common);
  await server?.stop();
  await log.end(LAST_LINES_MS);
  return server === undefined ? EXIT.unusable : EXIT.ok;
}

/**
 * Runs a worker with the configuration of its leader.
 *
 * @returns The server, after a signal has asked it to end. Undefined if the worker cannot start.
 *   The leader reports the reason.
 */
async function beWorker(common: RunOptions): Promise<RunningServer | undefined> {
  catchStop();
  const server = await runWorker(common, stopNow);
  // At SIGHUP the leader reloads for all workers.
  if (server !== undefined) await untilStopped(async () => {});
  return server;
}

/**
 * Reads the configuration and runs the gateway. Reads it again at SIGHUP.
 *
 * @returns The server, after a signal has asked it to end.
 */
async function start(
  context: Context,
  options: GatewayOptions,
  common: RunOptions,
): Promise<RunningServer> {
  const env = options.dev ? { ...context.env, ...devVariables(context, options) } : context.env;
  let place = (field: string) => field;
  const read = async () => {
    const found = warned(context, await readConfiguration(env, options));
    ({ place } = found);
    return found.loaded;
  };
  const first = await read();
  catchStop();
  const errors = boundedOutput(context.stderr);
  const [, program = '', ...args] = process.argv;
  const server = await renamingFields(place, () =>
    first.config.workers > 1
      ? startLeader(first, { program, args, log: common.log, errors, clock: context.now })
      : runGateway(first, common),
  );
  await greet(context, options, server, first);
  void notifyReady(context);
  await untilStopped(async () => {
    try {
      const next = await read();
      await renamingFields(place, async () => server.apply(next));
    } catch (error) {
      server.refuse(error);
    }
  });
  return server;
}

/**
 * Keeps the gateway running when the reader of its output goes away, so that logins go on. Other
 * commands end then.
 */
function surviveReader(stream: NodeJS.WritableStream): void {
  stream.removeAllListeners('error');
  stream.on('error', () => {});
}

/**
 * Variables with keys that end with the gateway. Tokens of the step in which it starts are accepted
 * at once.
 */
function devVariables({ env }: Context, options: GatewayOptions): Context['env'] {
  if (options.keys !== undefined) throw new UsageError('--dev and --keys: give one of them');
  const { otpSeed, tokenSecret } = generateKeys();
  return {
    [VARIABLES.host]: DEV_HOST,
    [VARIABLES.otpSeed]: otpSeed,
    [VARIABLES.tokenSecret]: tokenSecret,
    TOTP_TOKEN_GATEWAY_GUARD_REJECT_STEPS_BEFORE:
      env.TOTP_TOKEN_GATEWAY_GUARD_REJECT_STEPS_BEFORE ?? 'none',
    [KEYS_VARIABLE]: undefined,
  };
}

async function greet(
  context: Context,
  options: GatewayOptions,
  { address, dovecot, spoe, operators }: RunningServer,
  loaded: Loaded,
): Promise<void> {
  note(context, `totp-token gateway at ${address}`);
  if (options.dev) await sayHowToTry(context, address, loaded);
  if (dovecot !== undefined) note(context, `Dovecot’s protocol at ${dovecot}`);
  if (operators !== undefined) note(context, `metrics and health at ${operators}`);
  if (spoe !== undefined) note(context, `HAProxy’s protocol (SPOP) at ${spoe}`);
}

async function sayHowToTry(
  context: Context,
  address: string,
  { hosts, rules }: Loaded,
): Promise<void> {
  const jid = `alice@${DEV_HOST}`;
  const { period, digits, algorithm } = rules;
  using issuer = await createIssuer({ hosts, period, digits, algorithm, clock: context.now });
  const body = JSON.stringify({ jid, token: issuer.issue(jid) });
  const [url, socket] = address.startsWith('unix:')
    ? ['http://localhost', `--unix-socket ${address.slice(5)} `]
    : [address, ''];
  warn(context, 'development keys end with this process; do not use them for a service');
  note(
    context,
    `A token for ${jid}, good once within about a minute:\n\n  curl ${socket}-i ${url}/v1/verify -H 'content-type: application/json' -d '${body}'\n`,
  );
}
