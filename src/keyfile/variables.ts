import { optionError } from '../errors.js';
import { closest } from '../text/suggest.js';
import type { Keyring } from './shape.js';

/** The three variables that hold one host's keys, in the environment or in a dotenv file. */
export const VARIABLES = {
  host: 'TOTP_TOKEN_HOST',
  otpSeed: 'TOTP_TOKEN_OTP_SEED',
  tokenSecret: 'TOTP_TOKEN_SECRET',
} as const;

const NAMES = Object.values(VARIABLES);

/** Variables by name, such as `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Whether any of the three is set. An empty one counts as not set. */
export const hasVariables = (variables: Variables): boolean =>
  NAMES.some((name) => variables[name]);

/**
 * Makes a keyring of one host from three variables.
 *
 * @throws {VerifierError} `ERR_OPTION`: one of them is missing or empty.
 * @param where - Returns the text before the name of a variable in messages, such as "prod.env,
 *   line 3: ".
 */
export function keyringOfVariables(
  variables: Variables,
  where: (name: string | undefined) => string,
): Keyring {
  const value = (name: string): string => {
    const text = variables[name];
    if (text) return text;
    if (text === '') {
      throw optionError(`${where(name)}${name}`, 'empty', 'totp-token keygen --env makes it');
    }
    const others = Object.keys(variables).filter(
      (other) => other.startsWith('TOTP') && !NAMES.includes(other as never),
    );
    const misspelt = others.find((other) => closest(other, [name]) !== undefined);
    const fix =
      misspelt === undefined
        ? 'totp-token keygen --env makes it'
        : `did you mean it by ${misspelt}?`;
    throw optionError(`${where(undefined)}${name}`, 'missing', fix);
  };
  const host = value(VARIABLES.host);
  const keys = { otpSeed: value(VARIABLES.otpSeed), tokenSecret: value(VARIABLES.tokenSecret) };
  return {
    hosts: { [host]: keys },
    place: (field) => {
      const name = variableOf(field);
      return name === undefined ? field : `${where(name)}${name}`;
    },
  };
}

function variableOf(field: string): string | undefined {
  if (field.endsWith('.otpSeed')) return VARIABLES.otpSeed;
  if (field.endsWith('.tokenSecret')) return VARIABLES.tokenSecret;
  return field.startsWith('hosts[') ? VARIABLES.host : undefined;
}
