import { Command } from 'commander';
import { renamingFields } from '../errors.js';
import { createVerifier, type TokenVerifier, type Verdict } from '../index.js';
import { tokenOptions } from '../keyfile/shape.js';
import { MAX_TOKEN_LINE_BYTES } from '../limits.js';
import { shownJid } from '../text/safe.js';
import { MAX_CAPACITY } from '../token/options.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { CommandDefinition } from './command.js';
import {
  AT_FLAGS,
  AT_HELP,
  clockOf,
  EXIT,
  type ExitCode,
  parseInstant,
  UsageError,
  wholeNumber,
} from './command.js';
import { type Context, coloursFor, isTerminal, note, print, readShortText } from './context.js';
import {
  addKeyOptions,
  findKeyring,
  HOST_HELP,
  KEYS_HELP,
  type KeyOptions,
  refuseIdleHost,
} from './key-options.js';
import { driftText, MEANING, verdictJson } from './verdict-text.js';
import { verifyLines } from './verify-lines.js';

export interface VerifyOptions extends KeyOptions {
  readonly jid?: string;
  readonly file?: string;
  readonly json?: boolean;
  readonly capacity?: number;
  readonly at?: number;
}

const DETAILS = `
A file has lines "jid TAB token", which end with LF or CR LF. A line of another form, or an empty
line, is malformed, and the other lines are still verified.

A run remembers the tokens that it accepted: if a token occurs twice, the second is replayed. A run
knows nothing of other runs or of your server. It has room for a million tokens of each 30-second
step, at 14 bytes for each token and step. Further tokens of that step are guard-unavailable: use
--capacity for more.

Exit code: 0 all accepted, 1 at least one rejected, 2 the arguments, keys or files are not usable.`;

const EXAMPLES = `
Examples:
  totp-token issue -k keys.json -j alice@example.com | totp-token verify -k keys.json -j alice@example.com
  totp-token verify -k keys.json --file tokens.tsv > verdicts.ndjson
  totp-token verify -k keys.json --file old.tsv --at 2026-01-31T12:00:00Z`;

export const verifyCommand: CommandDefinition = (context, done) => {
  const command = new Command('verify')
    .summary('verify one token, or a file of them')
    .description('Verifies one token, from the argument or from stdin, or all tokens of a file.')
    .argument('[token]', 'the token, in quotes because it holds a space; - or nothing reads stdin')
    .option('-j, --jid <jid>', 'the name that the token is for: localpart@domainpart')
    .option('-f, --file <file>', 'verify each line "jid TAB token" of a file; - reads stdin')
    .option('--json', 'print verdicts as JSON, also on a terminal')
    .option(
      '--capacity <number>',
      'with --file: how many accepted tokens of each step to remember (default: 1000000)',
      wholeNumber('--capacity', 1, MAX_CAPACITY),
    );
  return addKeyOptions(command, HOST_HELP)
    .option(AT_FLAGS, AT_HELP, parseInstant)
    .addHelpText('after', DETAILS)
    .addHelpText('after', KEYS_HELP)
    .addHelpText('after', EXAMPLES)
    .action(async (token: string | undefined, options: VerifyOptions) =>
      done(await verify(context, token, options)),
    );
};

async function verify(
  context: Context,
  argument: string | undefined,
  options: VerifyOptions,
): Promise<ExitCode> {
  const { file, jid, at, json = false, capacity } = options;
  refuseIdleHost(options);
  if (file !== undefined && (jid !== undefined || argument !== undefined)) {
    throw new UsageError('--file: its lines name JID and token; leave --jid and the token out');
  }
  if (file === undefined && jid === undefined) {
    throw new UsageError('--jid is missing; name whose token it is, or give --file');
  }
  if (file === undefined && capacity !== undefined) {
    throw new UsageError('--capacity: one token needs no room; leave it out, or give --file');
  }
  const keyring = findKeyring(context, options, jid);
  const isJson = json || !isTerminal(context.stdout, context.env);
  const verifier = await renamingFields(keyring.place, () =>
    createVerifier({
      ...tokenOptions(keyring),
      window: keyring.window,
      clock: clockOf(context, at),
      prepareJid,
      // One token needs no room for a million.
      replay: { capacity: file === undefined ? 1 : capacity },
    }),
  );
  try {
    if (file !== undefined) return await verifyLines(context, verifier, file, isJson);
    return await verifyOne(context, verifier, jid as string, argument, isJson);
  } finally {
    verifier.dispose();
  }
}

async function verifyOne(
  context: Context,
  verifier: TokenVerifier,
  jid: string,
  argument: string | undefined,
  isJson: boolean,
): Promise<ExitCode> {
  const verdict = verifier.verify(jid, await tokenFrom(context, argument));
  await print(context, isJson ? `${verdictJson(verdict, jid)}\n` : readable(context, verdict, jid));
  return verdict.ok ? EXIT.ok : EXIT.rejected;
}

async function tokenFrom(context: Context, argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument;
  if (context.stdin.isTTY) note(context, 'Paste the token and press Enter.');
  // Text that is too long is not a token. An empty text is malformed as well.
  return (await readShortText(context.stdin, MAX_TOKEN_LINE_BYTES)) ?? '';
}

function readable(context: Context, verdict: Verdict, jid: string): string {
  const { green, red, dim } = coloursFor(context.stdout, context.env);
  const name = shownJid(jid) ?? 'this JID';
  if (!verdict.ok) return `${red(`✗ ${verdict.code}`)}  ${name}  ${dim(MEANING[verdict.code])}\n`;
  const { step, drift, keyIndex } = verdict;
  return `${green('✓ accepted')}  ${name}  ${dim(`step ${step} (${driftText(drift)}), key ${keyIndex}`)}\n`;
}
