import { dirname } from 'node:path';
import { optionError, renamingFields } from '../errors.js';
import { createGateway } from '../gateway/index.js';
import { OPERATOR_SECRET } from '../gateway/settings.js';
import { KEYS_VARIABLE, keyringOfEnvironment, readKeyring } from '../keyfile/read.js';
import { type Keyring, type ReadKeyring, tokenOptions } from '../keyfile/shape.js';
import { openToOthers, readSmallText, type UnreadableFile } from '../keyfile/small-file.js';
import type { Variables } from '../keyfile/variables.js';
import { shownPath } from '../text/safe.js';
import { parseConfig } from './config/parse.js';
import { checkReferences } from './config/references.js';
import type { Config, Loaded } from './config/schema.js';
import { VARIABLE_PREFIX } from './config/variables.js';
import { checkGuardSettings, PASSWORD_FIELD } from './guard.js';
import { hostsOf, readSecret, type SecretFiles, secretOf } from './secrets.js';

export const CONFIG_VARIABLE = `${VARIABLE_PREFIX}CONFIG`;

/** What a gateway runs on, and what its operator should hear. */
export interface ReadConfiguration {
  readonly loaded: Loaded;
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration and all it points at, and checks it: options over variables over the
 * file; keys by `--keys`, by the file, or by the environment.
 *
 * @throws {VerifierError} A gateway could not run on it.
 */
export async function readConfiguration(
  env: Variables,
  options: GatewaySourceOptions,
): Promise<ReadConfiguration> {
  const path = options.config ?? env[CONFIG_VARIABLE];
  const name = path === undefined ? 'configuration' : shownPath(path);
  const text = path === undefined ? undefined : readConfigFile(path);
  const config = parseConfig(text, name, fieldsOf(env, options));
  const folder = path === undefined ? '.' : dirname(path);
  const warnings: string[] = [];
  const secrets: SecretFiles = {
    folder,
    look: (stats, file) => warnings.push(...openToOthers(stats, 'secret file', file)),
  };
  lookAtPassword(config, secrets);
  const keys = keysOf(env, config, options.keys, secrets);
  warnings.push(...keys.warnings);
  const { keyring } = keys;
  checkReferences(config, Object.keys(keyring.hosts), folder);
  const loaded: Loaded = {
    config,
    hosts: keyring.hosts,
    rules: rulesOf(config, keyring),
    sessionSecret: checked(secretOf(config.session, 'session', secrets), 'session.secret'),
    issueSecret: checked(secretOf(config.issue, 'issue', secrets), 'issue.secret'),
    folder,
  };
  await renamingFields(
    (field) => {
      if (/^(?:hosts|period|digits|algorithm|window)\b/.test(field)) return keyring.place(field);
      return field.split(/\b/, 1)[0]! in config.auth ? `auth.${field}` : field;
    },
    () => checkLoaded(loaded),
  );
  return { loaded, warnings };
}

/**
 * Checks whether a gateway could run on a configuration: no address is listened on, no store is
 * opened.
 */
async function checkLoaded({
  config,
  hosts,
  rules,
  issueSecret,
  folder = '.',
}: Loaded): Promise<void> {
  await checkGuardSettings(config, rules, folder);
  // Keys and settings are checked by what would use them.
  await createGateway({
    hosts,
    token: rules,
    ...config.auth,
    issueSecret,
    replay: { capacity: 1 },
  });
}

function fieldsOf(
  env: Variables,
  { listen, workers, dovecot, spoe }: GatewaySourceOptions,
): Variables {
  // The variable that names the file is not a field of it.
  const { [CONFIG_VARIABLE]: _, ...fields } = env;
  return {
    ...fields,
    ...(listen === undefined ? {} : { [`${VARIABLE_PREFIX}LISTEN`]: listen }),
    ...(dovecot === undefined ? {} : { [`${VARIABLE_PREFIX}DOVECOT_LISTEN`]: dovecot }),
    ...(spoe === undefined ? {} : { [`${VARIABLE_PREFIX}SPOE_LISTEN`]: spoe }),
    ...(workers === undefined ? {} : { [`${VARIABLE_PREFIX}WORKERS`]: workers }),
  };
}

function readConfigFile(path: string): string {
  try {
    return readSmallText(path, { mayBePipe: true });
  } catch (error) {
    const { fault, fix } = error as UnreadableFile;
    throw optionError(`configuration ${shownPath(path)}`, fault, fix);
  }
}

function keysOf(
  env: Variables,
  config: Config,
  keys: string | undefined,
  secrets: SecretFiles,
): ReadKeyring {
  if (keys !== undefined) return readKeyring(keys);
  if (config.keys !== undefined && config.hosts !== undefined) {
    throw optionError('keys and hosts', 'both name keys', 'give one of them');
  }
  if (config.keys !== undefined) {
    return readKeyring(
      config.keys.startsWith('/') ? config.keys : `${secrets.folder}/${config.keys}`,
    );
  }
  if (config.hosts !== undefined) {
    return {
      keyring: { hosts: hostsOf(config.hosts, secrets), place: (field) => field },
      warnings: [],
    };
  }
  const found = keyringOfEnvironment(env);
  if (found !== undefined) return found;
  throw optionError(
    'keys',
    'missing',
    `write keys = "FILE" into the configuration, or set ${KEYS_VARIABLE}. To try without: gateway --dev`,
  );
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

/**
 * The guard reads the file itself, whenever it connects; whether that can be done is worth knowing
 * before.
 */
function lookAtPassword({ guard: { redis } }: Config, secrets: SecretFiles): void {
  if (redis.passwordFile !== undefined) readSecret(redis.passwordFile, PASSWORD_FIELD, secrets);
}

function checked(secret: string | undefined, field: string): string | undefined {
  if (secret === undefined || OPERATOR_SECRET.test(secret)) return secret;
  throw optionError(
    field,
    'not usable',
    'write 32 characters or more of printable ASCII, such as openssl rand -hex 32',
  );
}

/**
 * What both commands of the gateway are given as options; each comes before its field of the file.
 */
export interface GatewaySourceOptions {
  readonly config?: string;
  readonly keys?: string;
  readonly listen?: string;
  readonly workers?: string;
  readonly dovecot?: string;
  readonly spoe?: string;
}

export interface GatewayOptions extends GatewaySourceOptions {
  readonly dev?: boolean;
}
