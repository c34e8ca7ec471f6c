import type { Command } from 'commander';
import { KEYS_VARIABLE, keyringOfEnvironment, namesKeys, readKeyring } from '../keyfile/read.js';
import type { Keyring } from '../keyfile/shape.js';
import { VARIABLES } from '../keyfile/variables.js';
import { UsageError } from './command.js';
import { type Context, warn, warned } from './context.js';

/** The options that name a command's keys. */
export interface KeyOptions {
  readonly keys?: string;
  readonly host?: string;
  readonly otpSeed?: string;
  readonly tokenSecret?: string;
}

export const KEYS_HELP = `
Keys come from the file that --keys or ${KEYS_VARIABLE} names, or from ${VARIABLES.host},
${VARIABLES.otpSeed} and ${VARIABLES.tokenSecret}. A key file is JSON or TOML:
  { "hosts": { "example.com": { "otpSeed": "…", "tokenSecret": "…" } } }
or a dotenv file with these three variables. While you rotate keys, a host has a list: [new, old].`;

export function addKeyOptions(command: Command, hostHelp: string): Command {
  return command
    .option('-k, --keys <file>', 'key file: JSON, TOML or dotenv')
    .option('--host <name>', hostHelp)
    .option('--otp-seed <base32>', 'OTP seed; others can see it in the process list')
    .option('--token-secret <text>', 'token secret; others can see it in the process list');
}

/** The help of `--host` for commands in which a JID or a line names the host. */
export const HOST_HELP = 'host that --otp-seed and --token-secret are for';

/**
 * Finds the keyring that the user named. Options override the environment. In the environment, a
 * key file comes before single values.
 *
 * @param jid - Without `--host`, `--otp-seed` and `--token-secret` are for the host of this jid.
 * @throws {UsageError | VerifierError} No keys are named, they are incomplete, or two sources
 *   contradict each other.
 */
export function findKeyring(context: Context, options: KeyOptions, jid?: string): Keyring {
  const { keys, otpSeed, tokenSecret } = options;
  const hasArguments = otpSeed !== undefined || tokenSecret !== undefined;
  if (keys !== undefined && hasArguments) {
    throw new UsageError(
      '--keys and --otp-seed or --token-secret: both name keys; give one of them',
    );
  }
  if (keys !== undefined) return warned(context, readKeyring(keys)).keyring;
  if (hasArguments) return keyringOfArguments(context, options, jid);
  const found = keyringOfEnvironment(context.env);
  if (found !== undefined) return warned(context, found).keyring;
  throw new UsageError(
    `no keys; give --keys FILE or set ${KEYS_VARIABLE}. To make a file: totp-token keygen --out keys.json`,
  );
}

/** Whether options or environment name any keys, valid or not. */
export function isKeyringNamed(
  { env }: Context,
  { keys, otpSeed, tokenSecret }: KeyOptions,
): boolean {
  return (keys ?? otpSeed ?? tokenSecret) !== undefined || namesKeys(env);
}

/** Refuses `--host` without keys in arguments, for commands whose JIDs name the host. */
export function refuseIdleHost(options: KeyOptions): void {
  if (
    options.host !== undefined &&
    options.otpSeed === undefined &&
    options.tokenSecret === undefined
  ) {
    throw new UsageError(
      '--host: it goes with --otp-seed and --token-secret; leave it out, since a key file names its hosts',
    );
  }
}

function keyringOfArguments(
  context: Context,
  options: KeyOptions,
  jid: string | undefined,
): Keyring {
  const { otpSeed, tokenSecret } = options;
  warn(
    context,
    'other users can read --otp-seed and --token-secret in the process list; --keys FILE is safer',
  );
  const host = options.host ?? jid?.slice(jid.indexOf('@') + 1);
  if (otpSeed === undefined) throw new UsageError('--otp-seed is missing; --token-secret needs it');
  if (tokenSecret === undefined)
    throw new UsageError('--token-secret is missing; --otp-seed needs it');
  if (!host) throw new UsageError('--host is missing; --otp-seed and --token-secret need it');
  return { hosts: { [host]: { otpSeed, tokenSecret } }, place: argumentOf };
}

function argumentOf(field: string): string {
  if (field.endsWith('.otpSeed')) return '--otp-seed';
  if (field.endsWith('.tokenSecret')) return '--token-secret';
  return field.startsWith('hosts[') ? '--host' : field;
}
