import { dirname } from 'node:path';
import { optionError, renamingFields } from '../errors.js';
import { createGateway } from '../gateway/index.js';
import { OPERATOR_SECRET } from '../gateway/settings.js';
import { KEYS_VARIABLE, keyringOfEnvironment, readKeyring } from '../keyfile/read.js';
import { type Keyring, type ReadKeyring, tokenOptions } from '../keyfile/shape.js';
import { openToOthers, readSmallText, type UnreadableFile } from '../keyfile/small-file.js';
import type { Variables } from '../keyfile/variables.js';
import { shownPath } from '../text/safe.js';
import { guardKind } from './config/guard-schema.js';
import { parseConfig } from './config/parse.js';
import { checkReferences } from './config/references.js';
import type { Config, Loaded } from './config/schema.js';
import { shownConfig } from './config/shown.js';
import { placesOf, VARIABLE_PREFIX } from './config/variables.js';
import { checkGuardSettings, guardFolder, PASSWORD_FIELD } from './guard.js';
import { hostsOf, readSecret, type SecretFiles, secretOf } from './secrets.js';

export const CONFIG_VARIABLE = `${VARIABLE_PREFIX}CONFIG`;

/** The configuration of a gateway, and warnings for its operator. */
export interface ReadConfiguration {
  readonly loaded: Loaded;
  readonly warnings: readonly string[];
  /** Returns the name by which the operator knows a field of the configuration. */
  readonly place: (field: string) => string;
}

/**
 * Reads and checks the configuration and the files that it names. Options override variables, and
 * variables override the file. The keys come from `--keys`, from the file, or from the environment.
 *
 * @throws {VerifierError} A gateway could not run on this configuration.
 */
export async function readConfiguration(
  env: Variables,
  options: GatewaySourceOptions,
): Promise<ReadConfiguration> {
  const path = options.config ?? env[CONFIG_VARIABLE];
  const name = path === undefined ? undefined : shownPath(path);
  const text = path === undefined ? undefined : readConfigFile(path);
  const fields = fieldsOf(env, options);
  const called = (variable: string) => optionOf(variable, options) ?? variable;
  const config = parseConfig(text, name ?? 'configuration', fields, called);
  const place = placesOf(name, fields, called);
  const folder = path === undefined ? '.' : dirname(path);
  const warnings: string[] = [];
  const secrets: SecretFiles = {
    folder,
    look: (stats, file) => warnings.push(...openToOthers(stats, 'secret file', file)),
  };
  await renamingFields(place, () => lookAtPassword(config, secrets));
  const keys = await keysOf(env, config, options.keys, secrets, place);
  warnings.push(...keys.warnings);
  const { keyring } = keys;
  const loaded: Loaded = await renamingFields(place, () => {
    checkReferences(config, Object.keys(keyring.hosts), folder);
    return {
      config,
      hosts: keyring.hosts,
      rules: rulesOf(config, keyring),
      sessionSecret: checkedSecret(config.session, 'session', secrets),
      issueSecret: checkedSecret(config.issue, 'issue', secrets),
      folder,
    };
  });
  await renamingFields(
    (field) => placeOfRule(field, config, keyring, place),
    () => checkLoaded(loaded),
  );
  return { loaded, warnings, place };
}

/** The configuration that a gateway would run on, with every default and no secret. */
export function showConfiguration(loaded: Loaded): Record<string, unknown> {
  const { config, folder = '.' } = loaded;
  const isFolder = guardKind(config) === 'lmdb';
  return shownConfig(loaded, isFolder ? guardFolder(config, folder) : undefined);
}

/** The options of the commands, by the variables that they override. */
const OPTIONS = {
  LISTEN: 'listen',
  DOVECOT_LISTEN: 'dovecot',
  SPOE_LISTEN: 'spoe',
  WORKERS: 'workers',
} as const satisfies Record<string, keyof GatewaySourceOptions>;

/** The option that has set a variable, as the operator writes it. */
function optionOf(variable: string, options: GatewaySourceOptions): string | undefined {
  const name = OPTIONS[variable.slice(VARIABLE_PREFIX.length) as keyof typeof OPTIONS];
  return name === undefined || options[name] === undefined ? undefined : `--${name}`;
}

/** Names the place of a setting for the operator: in the configuration or in the keys. */
function placeOfRule(
  field: string,
  { token, auth }: Config,
  keyring: Keyring,
  place: (field: string) => string,
): string {
  const rule = field.replace('window.', '');
  if (Object.entries(token).some(([name, value]) => name === rule && value !== undefined)) {
    return place(`token.${rule}`);
  }
  if (/^(?:hosts|period|digits|algorithm|window)\b/.test(field)) return keyring.place(field);
  return place(field.split(/\b/, 1)[0]! in auth ? `auth.${field}` : field);
}

/**
 * Checks whether a gateway could run on a configuration, without listening at an address or opening
 * a store.
 */
async function checkLoaded({
  config,
  hosts,
  rules,
  issueSecret,
  folder = '.',
}: Loaded): Promise<void> {
  await checkGuardSettings(config, rules, folder);
  // The gateway itself checks keys and settings.
  await createGateway({
    hosts,
    token: rules,
    ...config.auth,
    issueSecret,
    replay: { capacity: 1 },
  });
}

function fieldsOf(env: Variables, options: GatewaySourceOptions): Variables {
  // The variable that names the file is not a field of the configuration.
  const { [CONFIG_VARIABLE]: _, ...fields } = env;
  const given = Object.entries(OPTIONS).flatMap(([variable, option]) =>
    options[option] === undefined ? [] : [[`${VARIABLE_PREFIX}${variable}`, options[option]]],
  );
  return { ...fields, ...Object.fromEntries(given) };
}

function readConfigFile(path: string): string {
  try {
    return readSmallText(path, { mayBePipe: true });
  } catch (error) {
    const { fault, fix } = error as UnreadableFile;
    throw optionError(`configuration ${shownPath(path)}`, fault, fix);
  }
}

async function keysOf(
  env: Variables,
  config: Config,
  keys: string | undefined,
  secrets: SecretFiles,
  place: (field: string) => string,
): Promise<ReadKeyring> {
  if (keys !== undefined) return readKeyring(keys);
  const { hosts } = config;
  if (config.keys !== undefined && hosts !== undefined) {
    throw optionError(place('keys and hosts'), 'both name keys', 'give one of them');
  }
  if (config.keys !== undefined) {
    return readKeyring(
      config.keys.startsWith('/') ? config.keys : `${secrets.folder}/${config.keys}`,
    );
  }
  if (hosts !== undefined) {
    return {
      keyring: {
        hosts: await renamingFields(place, () => hostsOf(hosts, secrets)),
        place: (field) => place(field.replace(/\.(otpSeed|tokenSecret)$/, '.$1File')),
      },
      warnings: [],
    };
  }
  const found = keyringOfEnvironment(env);
  if (found !== undefined) return found;
  throw optionError(
    place('keys'),
    'missing',
    `give --keys FILE, set ${KEYS_VARIABLE}, or write keys = "FILE" into the configuration. To try without: gateway --dev`,
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
 * Reads the password file once to find out whether it can be read. The guard reads it itself
 * whenever it connects.
 */
function lookAtPassword({ guard: { redis } }: Config, secrets: SecretFiles): void {
  if (redis.passwordFile !== undefined) readSecret(redis.passwordFile, PASSWORD_FIELD, secrets);
}

/** The secret of a table, or undefined if there is none. Throws if the secret is too short. */
function checkedSecret(
  table: { readonly secret?: string | undefined; readonly secretFile?: string | undefined },
  name: string,
  secrets: SecretFiles,
): string | undefined {
  const secret = secretOf(table, name, secrets);
  if (secret === undefined || OPERATOR_SECRET.test(secret)) return secret;
  throw optionError(
    `${name}.${table.secret === undefined ? 'secretFile' : 'secret'}`,
    'not usable',
    'write 32 characters or more of printable ASCII, such as openssl rand -hex 32',
  );
}

/** The options of both commands of the gateway. Each overrides its field of the file. */
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
