import { dirname } from 'node:path';
import type { Context } from '../cli/context.js';
import { findKeyring, KEYS_VARIABLE } from '../cli/key-options.js';
import { UsageError } from '../cli/usage-error.js';
import { type Keyring, tokenOptions } from '../keyfile/keyring.js';
import { loadKeyringFile } from '../keyfile/read.js';
import { warnIfOpen } from '../keyfile/secret-text.js';
import { readSmallFile, type UnreadableFile } from '../keyfile/small-file.js';
import { shownPath } from '../text/safe.js';
import type { Loaded } from './config/loaded.js';
import { parseConfig } from './config/parse.js';
import { checkReferences } from './config/references.js';
import type { Config } from './config/schema.js';
import { VARIABLE_PREFIX } from './config/variables.js';
import { PASSWORD_FIELD } from './guard.js';
import type { GatewaySourceOptions } from './options.js';
import { hostsOf, readSecret, type SecretFiles, secretOf } from './secrets.js';

const MAX_CONFIG_BYTES = 1024 * 1024;

export const CONFIG_VARIABLE = `${VARIABLE_PREFIX}CONFIG`;

/** What a gateway runs on, with the names by which the user knows its fields. */
export interface GatewaySource extends Loaded {
  readonly place: (field: string) => string;
}

/**
 * Reads the configuration and all it points at: options over variables over the file; keys by `--keys`, by the file, or by
 * the environment.
 *
 * @throws {UsageError | VerifierError} It is not usable.
 */
export function loadGatewaySource(context: Context, options: GatewaySourceOptions): GatewaySource {
  const path = options.config ?? context.env[CONFIG_VARIABLE];
  const name = path === undefined ? 'configuration' : shownPath(path);
  const text = path === undefined ? undefined : readConfigFile(path);
  const config = parseConfig(text, name, variables(context, options));
  const folder = path === undefined ? '.' : dirname(path);
  const secrets: SecretFiles = {
    folder,
    look: (stats, file) => warnIfOpen(context, stats, 'secret file', file),
  };
  lookAtPassword(config, secrets);
  const keyring = keyringOf(context, config, options.keys, secrets);
  checkReferences(config, Object.keys(keyring.hosts), folder);
  return {
    config,
    hosts: keyring.hosts,
    rules: rulesOf(config, keyring),
    sessionSecret: checked(secretOf(config.session, 'session', secrets), 'session.secret'),
    issueSecret: checked(secretOf(config.issue, 'issue', secrets), 'issue.secret'),
    folder,
    place: (field) =>
      /^(?:hosts|period|digits|algorithm|window)\b/.test(field) ? keyring.place(field) : field,
  };
}

function variables({ env }: Context, { listen, workers, dovecot }: GatewaySourceOptions): Context['env'] {
  // What names the file is none of its fields.
  const { [CONFIG_VARIABLE]: _, ...fields } = env;
  return {
    ...fields,
    ...(listen === undefined ? {} : { [`${VARIABLE_PREFIX}LISTEN`]: listen }),
    ...(dovecot === undefined ? {} : { [`${VARIABLE_PREFIX}DOVECOT_LISTEN`]: dovecot }),
    ...(workers === undefined ? {} : { [`${VARIABLE_PREFIX}WORKERS`]: workers }),
  };
}

function readConfigFile(path: string): string {
  try {
    const bytes = readSmallFile(path, { maxBytes: MAX_CONFIG_BYTES, mayBePipe: true });
    return new TextDecoder().decode(bytes);
  } catch (error) {
    throw new UsageError(`configuration ${shownPath(path)}: ${(error as UnreadableFile).message}`);
  }
}

function keyringOf(
  context: Context,
  config: Config,
  keys: string | undefined,
  secrets: SecretFiles,
): Keyring {
  if (keys !== undefined) return loadKeyringFile(context, keys);
  if (config.keys !== undefined && config.hosts !== undefined) {
    throw new UsageError('keys and hosts: both name keys; give one of them');
  }
  if (config.keys !== undefined) {
    const path = config.keys.startsWith('/') ? config.keys : `${secrets.folder}/${config.keys}`;
    return loadKeyringFile(context, path);
  }
  if (config.hosts !== undefined) return { hosts: hostsOf(config.hosts, secrets), place: (field) => field };
  try {
    return findKeyring(context, {});
  } catch (error) {
    const isNone = error instanceof UsageError && error.message.startsWith('no keys;');
    if (!isNone) throw error;
    throw new UsageError(
      `no keys; write keys = "FILE" into the configuration, or set ${KEYS_VARIABLE}. To try without: gateway --dev`,
    );
  }
}

function rulesOf({ token }: Config, keyring: Keyring): Loaded['rules'] {
  const { period, digits, algorithm } = tokenOptions(keyring);
  const window = {
    ...keyring.window,
    ...(token.past === undefined ? {} : { past: token.past }),
    ...(token.future === undefined ? {} : { future: token.future }),
  };
  return {
    period: token.period ?? period,
    digits: token.digits ?? digits,
    algorithm: token.algorithm ?? algorithm,
    nonceDigits: token.nonceDigits,
    window,
  };
}

/** The guard reads the file itself, whenever it connects; whether that can be done is worth knowing before. */
function lookAtPassword({ guard: { redis } }: Config, secrets: SecretFiles): void {
  if (redis.passwordFile !== undefined) readSecret(redis.passwordFile, PASSWORD_FIELD, secrets);
}

function checked(secret: string | undefined, field: string): string | undefined {
  if (secret === undefined || /^[!-~]{32,}$/.test(secret)) return secret;
  throw new UsageError(
    `${field}: not usable; write 32 characters or more of printable ASCII, such as openssl rand -hex 32`,
  );
}
