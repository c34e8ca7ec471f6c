import { Command } from 'commander';
import { optionError } from '../errors.js';
import { generateKeys } from '../index.js';
import { changeSecretFile } from '../keyfile/change.js';
import { editKeyFile } from '../keyfile/edit.js';
import type { EditedKey } from '../keyfile/edit-types.js';
import { KEYS_VARIABLE, parseKeyring, readKeyring } from '../keyfile/read.js';
import {
  lifetimeOf,
  type RotationTimes,
  type Stage,
  stageOf,
  unchanged,
  withAccepted,
  withoutExpired,
  withSigning,
} from '../keyfile/rotation.js';
import type { Keyring, KeyTimes } from '../keyfile/shape.js';
import { shownLines } from '../text/safe.js';
import { type CommandDefinition, EXIT, type ExitCode, UsageError, wholeNumber } from './command.js';
import { type Context, note, print, warn, warned } from './context.js';
import { checkedHost } from './host-option.js';
import { hostIn, spellingIn } from './keyring-hosts.js';
import { keyTable, planText, READ_AGAIN, STILL_ACCEPTED } from './keys-text.js';

interface KeysOptions {
  readonly keys?: string;
  readonly host?: string;
  readonly dryRun?: boolean;
}

interface ListOptions extends KeysOptions {
  readonly json?: boolean;
  readonly showSecrets?: boolean;
}

interface RotateOptions extends KeysOptions {
  readonly within: number;
  readonly lifetime?: number;
}

interface RemoveOptions extends KeysOptions {
  readonly key?: number;
}

/** Default of `--within`: the seconds within which all programs have read a changed file again. */
const WITHIN = 300;
const DAY = 86_400;

const EXAMPLES = `
The first key of a host signs. All of its keys are accepted. To change keys without refusing anybody:
  totp-token keys rotate --keys keys.json --host example.com    # and once more when it says so
  totp-token keys retire --keys keys.json --host example.com

To remove a key that leaked at once, and refuse all tokens that it signed:
  totp-token keys add --keys keys.json --host example.com
  totp-token keys remove --keys keys.json --host example.com --key 1`;

/** The commands for key files: `totp-token keys list | add | rotate | retire | remove`. */
export const keysCommand: CommandDefinition = (context, done) => {
  const command = new Command('keys')
    .summary('list, add, rotate, retire and remove keys of a key file')
    .description('Shows and changes the keys of a key file in JSON or TOML.')
    .addHelpText('after', EXAMPLES);
  const action = (name: string, summary: string) =>
    command
      .command(name)
      .summary(summary)
      .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
      .option('-k, --keys <file>', `key file (default: ${KEYS_VARIABLE})`)
      .option('--host <name>', 'host whose keys are meant (default: the only one)');
  const change = (name: string, summary: string) =>
    action(name, summary).option('--dry-run', 'say what would change, and write nothing');

  action('list', 'show hosts and keys, without the secrets')
    .option('--json', 'as JSON')
    .option('--show-secrets', 'with seeds and secrets')
    .action(async (options: ListOptions) => done(await list(context, options)));
  withTimes(
    change('add', 'add a host with a fresh pair, or add an accepted pair to a host'),
  ).action(async (options: RotateOptions) => done(await add(context, options)));
  withTimes(change('rotate', 'take the next step in replacing the key that signs')).action(
    async (options: RotateOptions) => done(await rotate(context, options)),
  );
  change('retire', 'remove replaced keys whose last token has expired').action(
    async (options: KeysOptions) => done(await retire(context, options)),
  );
  change('remove', 'remove a host, or one key with --key, at once')
    .option('--key <number>', 'number of the key, as list shows it', wholeNumber('--key', 1, 1e6))
    .action(async (options: RemoveOptions) => done(await remove(context, options)));
  return command;
};

const withTimes = (command: Command): Command =>
  command
    .option(
      '--within <seconds>',
      'time until all programs that use the file have read it again',
      wholeNumber('--within', 0, 30 * DAY),
      WITHIN,
    )
    .option(
      '--lifetime <seconds>',
      'how long a token is valid (default: from period and window of the file)',
      wholeNumber('--lifetime', 1, 30 * DAY),
    );

async function list(context: Context, options: ListOptions): Promise<ExitCode> {
  const { json = false, showSecrets = false } = options;
  const keyring = warned(context, readKeyring(fileOf(context, options))).keyring;
  const only = options.host === undefined ? undefined : hostIn(keyring, options.host);
  await print(context, keyTable(keyring, { only, json, showSecrets }));
  return EXIT.ok;
}

async function add(context: Context, options: RotateOptions): Promise<ExitCode> {
  if (options.host === undefined) throw new UsageError('--host is missing; name the host to add');
  const pair = generateKeys();
  const host = await checkedHost(options.host, pair);
  return change(context, options, host, (keyring, name, times) => {
    const rotation = timesOf(context, options, keyring);
    const keys = withAccepted(`host ${name}`, times, pair, rotation);
    const number = keys.length;
    return {
      keys,
      said:
        number === 1
          ? `host ${name} is new, with a pair of keys\n${READ_AGAIN}`
          : `host ${name}: key ${number} is new and is accepted; key 1 signs\n${READ_AGAIN}`,
    };
  });
}

async function rotate(context: Context, options: RotateOptions): Promise<ExitCode> {
  const pair = generateKeys();
  return change(context, options, undefined, (keyring, name, times) => {
    const stage = stageOf(times);
    const rotation = timesOf(context, options, keyring);
    const keys = nextStep(`host ${name}`, stage, times, pair, rotation);
    return { keys, said: planText(context.self, pathOf(context, options), name, keys, rotation) };
  });
}

function nextStep(
  name: string,
  stage: Stage,
  times: readonly KeyTimes[],
  pair: ReturnType<typeof generateKeys>,
  rotation: RotationTimes,
): readonly EditedKey[] {
  if (stage.at === 'accepted') return withSigning(name, times, stage, rotation);
  if (stage.at === 'steady') return withAccepted(name, times, pair, rotation);
  throw optionError(name, 'its last rotation is not finished', 'run keys retire first');
}

async function retire(context: Context, options: KeysOptions): Promise<ExitCode> {
  return change(context, options, undefined, (_, name, times) => {
    const keys = withoutExpired(`host ${name}`, times, context.now());
    const count = times.length - keys.length;
    return {
      keys,
      said: `host ${name}: ${count} replaced ${count === 1 ? 'key was' : 'keys were'} removed; gateway sessions that began with them end\n${READ_AGAIN}`,
    };
  });
}

async function remove(context: Context, options: RemoveOptions): Promise<ExitCode> {
  const { key } = options;
  if (options.host === undefined) throw new UsageError('--host is missing; name the host');
  return change(context, options, undefined, ({ hosts }, name, times) => {
    if (key !== undefined && key > times.length) {
      throw new UsageError(`--key: host ${name} has no key ${key}; see: totp-token keys list`);
    }
    const isWhole = key === undefined || times.length === 1;
    if (isWhole && Object.keys(hosts).length === 1) {
      throw new UsageError('--host: the only host of the file; delete the file instead');
    }
    const keys = isWhole ? [] : signing(unchanged(times).filter(({ from }) => from !== key! - 1));
    return {
      keys,
      said: isWhole
        ? `host ${name} was removed\n${STILL_ACCEPTED}`
        : `host ${name}: key ${key} was removed${key === 1 ? '; the next key signs' : ''}\n${STILL_ACCEPTED}`,
    };
  });
}

/** Removes the planned times from the first key, which signs. */
function signing([first, ...others]: readonly EditedKey[]): readonly EditedKey[] {
  return first === undefined ? [] : [{ from: first.from }, ...others];
}

interface Change {
  readonly keys: readonly EditedKey[];
  /** The text for stdout. */
  readonly said: string;
}

/**
 * Changes one host of the key file, and prints the change.
 *
 * @param newHost - A host that the file may not have yet.
 */
async function change(
  context: Context,
  options: KeysOptions,
  newHost: string | undefined,
  make: (keyring: Keyring, host: string, times: readonly KeyTimes[]) => Change,
): Promise<ExitCode> {
  const path = fileOf(context, options);
  const { dryRun = false } = options;
  let said = '';
  let lost = 0;
  const warnings = changeSecretFile(
    path,
    (text) => {
      const { keyring, format } = parseKeyring(path, text);
      const host =
        (newHost && spellingIn(keyring, newHost)) ?? newHost ?? hostIn(keyring, options.host);
      const made = make(keyring, host, timesIn(keyring, host));
      const result = editKeyFile(path, text, format, { host, keys: made.keys });
      ({ said } = made);
      lost = result.lostComments;
      // Checks that the new text can be read. A fault of the editing must not reach the file.
      parseKeyring(path, result.text);
      return result.text;
    },
    dryRun,
  );
  warned(context, { warnings });
  if (lost > 0) warn(context, `${lost} comment lines were removed together with the key`);
  await print(context, shownLines(said));
  if (dryRun) note(context, 'nothing is written: --dry-run');
  return EXIT.ok;
}

const pathOf = ({ env }: Context, { keys }: KeysOptions): string | undefined =>
  keys ?? (env[KEYS_VARIABLE] || undefined);

function fileOf(context: Context, options: KeysOptions): string {
  const path = pathOf(context, options);
  if (path !== undefined) return path;
  throw new UsageError(
    `no key file; give --keys FILE or set ${KEYS_VARIABLE}. To make one: totp-token keygen --out keys.json`,
  );
}

/** The times of a host's keys, one entry for each key. */
function timesIn({ hosts, times }: Keyring, host: string): readonly KeyTimes[] {
  const keys = hosts[host];
  return times?.[host] ?? (keys === undefined ? [] : [keys].flat().map(() => ({})));
}

function timesOf(context: Context, options: RotateOptions, keyring: Keyring): RotationTimes {
  const { within, lifetime } = options;
  return {
    nowMs: context.now(),
    settleMs: within * 1000,
    lifetimeMs: lifetime === undefined ? lifetimeOf(keyring) : lifetime * 1000,
  };
}
