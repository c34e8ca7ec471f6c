import { renamingFields } from '../errors.js';
import { type Algorithm, type OtpauthKey, parseOtpauthUri } from '../index.js';
import { KEYS_VARIABLE } from '../keyfile/read.js';
import { fieldPath } from '../keyfile/shape.js';
import { readSecretText } from '../keyfile/small-file.js';
import { shownPath } from '../text/safe.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import { UsageError } from './command.js';
import { type Context, readShortText, warn, warned } from './context.js';
import { findKeyring, isKeyringNamed, type KeyOptions } from './key-options.js';

/** The options that name a TOTP secret. */
export interface TotpSourceOptions extends Pick<KeyOptions, 'keys' | 'host'> {
  readonly secretFile?: string;
  readonly uri?: string;
}

/** A TOTP secret with its parameters. */
export interface TotpSource {
  /**
   * In base32. A host whose keys are being rotated has several. The first makes codes, and a code
   * of any is accepted.
   */
  readonly secrets: readonly string[];
  readonly digits?: number | undefined;
  readonly period?: number | undefined;
  readonly algorithm?: Algorithm | undefined;
  /** The account and the issuer, for an otpauth URI. */
  readonly account?: string | undefined;
  readonly issuer?: string | undefined;
  /** Returns the user's name for a field of the library. `index` is the index of the secret. */
  readonly place: (field: string, index: number) => string;
}

export const SECRET_VARIABLE = 'TOTP_SECRET';

const MAX_URI_BYTES = 8192;

/**
 * Finds the secret that the user named. An option overrides the environment. There, TOTP_SECRET
 * comes before a keyring.
 *
 * @throws {UsageError} No secret is named, or two options name one.
 */
export async function findTotpSource(
  context: Context,
  options: TotpSourceOptions,
): Promise<TotpSource> {
  const { secretFile, uri, keys, host } = options;
  const given = { '--secret-file': secretFile, '--uri': uri, '--keys or --host': keys ?? host };
  const named = Object.keys(given).filter(
    (name) => given[name as keyof typeof given] !== undefined,
  );
  if (named.length > 1)
    throw new UsageError(`${named.join(' and ')}: both name a secret; give one of them`);

  if (secretFile !== undefined) return ofSecretFile(context, secretFile);
  if (uri !== undefined) return ofUri(context, uri);
  const variable = context.env[SECRET_VARIABLE];
  if (variable && named.length === 0)
    return { secrets: [variable], place: callingIt(SECRET_VARIABLE) };
  return ofKeyring(context, options);
}

/** Names for the library's fields: `name` for the secret, and options for all others. */
const callingIt = (name: string) => (field: string) => (field === 'secret' ? name : `--${field}`);

function ofSecretFile(context: Context, path: string): TotpSource {
  const secret = warned(context, readSecretText(path, 'secret file')).text.trim();
  const name = `secret file ${shownPath(path)}`;
  if (isKeyUri(secret)) throw new UsageError(`${name}: an otpauth URI; give the file to --uri`);
  return { secrets: [secret], place: callingIt(name) };
}

async function ofUri(context: Context, argument: string): Promise<TotpSource> {
  const text = await uriText(context, argument);
  const key: OtpauthKey = await renamingFields(
    () => '--uri',
    () => parseOtpauthUri(text),
  );
  if (key.type !== 'totp') {
    throw new UsageError('--uri: a key for HOTP, which counts logins; give one for TOTP');
  }
  const { secret, digits, period, algorithm, account, issuer } = key;
  return { secrets: [secret], digits, period, algorithm, account, issuer, place: () => '--uri' };
}

/** Does not use a regular expression, which would keep the secret in `RegExp.$_`. */
function isKeyUri(text: string): boolean {
  const start = text.slice(0, 'otpauth-migration:'.length).toLowerCase();
  return start.startsWith('otpauth:') || start === 'otpauth-migration:';
}

async function uriText(context: Context, argument: string): Promise<string> {
  if (isKeyUri(argument)) {
    warn(
      context,
      'other users can read the secret of --uri in the process list; --uri FILE or --uri - is safer',
    );
    return argument;
  }
  if (argument !== '-') return warned(context, readSecretText(argument, 'URI file')).text.trim();
  const text = await readShortText(context.stdin, MAX_URI_BYTES);
  if (text === null) {
    throw new UsageError(`--uri: more than ${MAX_URI_BYTES} bytes on stdin; give one otpauth URI`);
  }
  return text.trim();
}

function ofKeyring(context: Context, options: TotpSourceOptions): TotpSource {
  const { keys, host } = options;
  const keyOptions = keys === undefined ? {} : { keys };
  if (!isKeyringNamed(context, keyOptions)) {
    throw new UsageError(
      `no secret; give --secret-file FILE, --uri FILE or --keys FILE, or set ${SECRET_VARIABLE} or ${KEYS_VARIABLE}`,
    );
  }
  const keyring = findKeyring(context, keyOptions);
  const hosts = Object.keys(keyring.hosts);
  const isOnly = host === undefined && hosts.length === 1;
  const chosen = isOnly ? hosts[0] : hosts.find((name) => isSame(name, host));
  if (chosen === undefined) {
    const fault =
      host === undefined ? 'is missing; the keys are of several hosts' : 'no keys for it';
    throw new UsageError(`--host: ${fault}; name one of ${hosts.join(', ')}`);
  }
  const entry = keyring.hosts[chosen]!;
  const list = 'otpSeed' in entry ? [entry] : entry;
  if (list.length === 0) {
    throw new UsageError(
      `${keyring.place(fieldPath(['hosts', chosen]))}: no keys in it; give one pair`,
    );
  }
  const { digits, period, algorithm } = keyring;
  return {
    secrets: list.map((pair) => pair.otpSeed),
    digits,
    period,
    algorithm,
    account: chosen,
    place: (field, index) => {
      const key = Array.isArray(entry) ? [index] : [];
      return keyring.place(
        field === 'secret' ? fieldPath(['hosts', chosen, ...key, 'otpSeed']) : field,
      );
    },
  };
}

function isSame(name: string, host: string | undefined): boolean {
  const prepared = prepareJid(`a@${name}`);
  return host !== undefined && prepared !== null && prepared === prepareJid(`a@${host}`);
}
