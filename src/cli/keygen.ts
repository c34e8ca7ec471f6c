import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { stringify as toToml } from 'smol-toml';
import { generateKeys, type HostKeys } from '../index.js';
import { changeSecretFile } from '../keyfile/change.js';
import { editKeyFile } from '../keyfile/edit.js';
import { formatOfName, parseKeyring, readKeyring } from '../keyfile/read.js';
import type { Keyring } from '../keyfile/shape.js';
import { VARIABLES } from '../keyfile/variables.js';
import { writeSecretFile } from '../keyfile/write.js';
import { shownPath } from '../text/safe.js';
import type { CommandDefinition } from './command.js';
import { EXIT, type ExitCode, UsageError } from './command.js';
import { type Context, isTerminal, note, print, warned } from './context.js';
import { checkedHost } from './host-option.js';
import { spellingIn } from './keyring-hosts.js';

type Format = 'plain' | 'prosody' | 'json' | 'toml' | 'env';

interface KeygenOptions {
  readonly host?: string;
  readonly keys?: string;
  readonly prosody?: boolean;
  readonly json?: boolean;
  readonly toml?: boolean;
  readonly env?: boolean;
  readonly out?: string;
  readonly force?: boolean;
}

const EXAMPLES = `
Examples:
  totp-token keygen --host chat.example.com --out keys.json
  totp-token keygen --host www.example.com --out keys.json    # a second host in the same file
  totp-token keygen --keys keys.json --prosody    # the same pair, as Prosody's configuration has it
  totp-token keygen --env --out .env`;

export const keygenCommand: CommandDefinition = (context, done) =>
  new Command('keygen')
    .summary('make a fresh pair of keys')
    .description(
      'Makes a fresh pair of keys: an OTP seed of 160 bits and a token secret of 256 bits.',
    )
    .option(
      '--host <name>',
      'host that the keys are for (default: example.com, or the one of --keys)',
    )
    .option('-k, --keys <file>', 'make no keys; print the pair of this key file that signs')
    .option('--prosody', "print lines for Prosody's configuration")
    .option('--json', 'print a key file in JSON')
    .option('--toml', 'print a key file in TOML')
    .option('--env', 'print a dotenv file')
    .option(
      '-o, --out <file>',
      'write a file that only you can read (mode 0600), or add --host to one that exists',
    )
    .option('--force', 'with --out: replace the file with all its keys if it exists')
    .addHelpText(
      'after',
      `\nWithout a format option, --out writes the format that the file's name says (.json, .toml, .env),\nor else JSON. Without --out, the keys are printed as text.`,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (options: KeygenOptions) => done(await keygen(context, options)));

async function keygen(context: Context, options: KeygenOptions): Promise<ExitCode> {
  const { out, force = false } = options;
  const format = chosenFormat(options);
  if (force && out === undefined) {
    throw new UsageError('--force: it goes with --out; there is no file to replace');
  }
  const { host: named, keys } =
    options.keys === undefined
      ? { host: options.host ?? 'example.com', keys: generateKeys() }
      : pairOf(warned(context, readKeyring(options.keys)).keyring, options.host);
  const host = await checkedHost(named, keys);
  const text = written(format, host, keys);

  if (out !== undefined && !force && options.host !== undefined && existsSync(out)) {
    addHost(context, out, host, keys, format);
    return EXIT.ok;
  }
  if (out !== undefined) {
    writeSecretFile(out, text, force);
    note(context, `wrote ${shownPath(out)}: keys for ${host}, readable by you alone (mode 0600)`);
    return EXIT.ok;
  }
  await print(context, text);
  if (isTerminal(context.stdout, context.env)) {
    note(
      context,
      '\nAnyone who knows both can log in as any user. To keep them in a file: totp-token keygen --out keys.json',
    );
  }
  return EXIT.ok;
}

/** Adds a host to an existing key file, and leaves its other hosts unchanged. */
function addHost(context: Context, out: string, host: string, keys: HostKeys, format: Format) {
  const add = (text: string): string => {
    const { keyring, format: found } = parseKeyring(out, text);
    if (found !== format && formatOfName(out) !== undefined) {
      throw new UsageError(`--${format}: ${shownPath(out)} is another kind of file; leave it out`);
    }
    if (spellingIn(keyring, host) !== undefined) {
      throw new UsageError(
        `--host: ${shownPath(out)} has keys for ${host}; to replace them: totp-token keys rotate`,
      );
    }
    return editKeyFile(out, text, found, { host, keys: [{ from: undefined, keys }] }).text;
  };
  warned(context, { warnings: changeSecretFile(out, add, false) });
  note(context, `added to ${shownPath(out)}: keys for ${host}`);
}

/** The pair that signs for one host of a key file. */
function pairOf({ hosts }: Keyring, host: string | undefined): { host: string; keys: HostKeys } {
  const names = Object.keys(hosts);
  const name = host ?? (names.length === 1 ? names[0] : undefined);
  const keys = name === undefined ? undefined : [hosts[name]].flat()[0];
  if (name === undefined || keys === undefined) {
    throw new UsageError(
      `--host: name one of the hosts of the key file: ${names.map(shownPath).join(', ')}`,
    );
  }
  return { host: name, keys };
}

function chosenFormat(options: KeygenOptions): Format {
  const [chosen, other] = (['prosody', 'json', 'toml', 'env'] as const).filter(
    (name) => options[name],
  );
  if (other !== undefined) throw new UsageError(`--${chosen} and --${other}: give one of them`);
  if (chosen !== undefined) return chosen;
  return options.out === undefined ? 'plain' : (formatOfName(options.out) ?? 'json');
}

function written(format: Format, host: string, keys: HostKeys): string {
  const { otpSeed, tokenSecret } = keys;
  switch (format) {
    case 'plain':
      return `otp seed      ${otpSeed}\ntoken secret  ${tokenSecret}\n`;
    case 'prosody':
      return [
        '-- Needs mod_auth_token and mod_sasl_token of prosody-modules and the Lua rocks otp and luatz.',
        `VirtualHost "${host}"`,
        `    authentication = "token"`,
        `    otp_seed = "${otpSeed}"`,
        `    token_secret = "${tokenSecret}"\n`,
      ].join('\n');
    case 'env':
      return [
        `${VARIABLES.host}=${host}`,
        `${VARIABLES.otpSeed}=${otpSeed}`,
        `${VARIABLES.tokenSecret}=${tokenSecret}\n`,
      ].join('\n');
    case 'json':
      return `${JSON.stringify({ hosts: { [host]: keys } }, null, 2)}\n`;
    case 'toml':
      return toToml({ hosts: { [host]: { ...keys } } });
  }
}
