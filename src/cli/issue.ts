import { Command } from 'commander';
import { renamingFields } from '../errors.js';
import { createIssuer, type TokenIssuer } from '../index.js';
import { tokenOptions } from '../keyfile/shape.js';
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
import { type Context, print } from './context.js';
import {
  addKeyOptions,
  findKeyring,
  HOST_HELP,
  KEYS_HELP,
  type KeyOptions,
  refuseIdleHost,
} from './key-options.js';

interface IssueOptions extends KeyOptions {
  readonly jid?: string;
  readonly count: number;
  readonly lines?: boolean;
  readonly at?: number;
}

/** How many tokens are written at once. */
const BATCH = 1000;

const EXAMPLES = `
Examples:
  totp-token issue --keys keys.json --jid alice@example.com
  totp-token issue --keys keys.json --jid alice@example.com --count 1000 --lines > tokens.tsv`;

export const issueCommand: CommandDefinition = (context, done) => {
  const command = new Command('issue')
    .summary('issue tokens')
    .description(
      'Issues tokens, one per line. A token is good for one login of one JID, for about a minute.',
    )
    .option('-j, --jid <jid>', 'the name that the token is for: localpart@domainpart')
    .option('-n, --count <number>', 'how many tokens', wholeNumber('--count', 1, 1e9), 1)
    .option('--lines', 'print lines "jid TAB token", which verify --file reads');
  return addKeyOptions(command, HOST_HELP)
    .option(AT_FLAGS, AT_HELP, parseInstant)
    .addHelpText('after', KEYS_HELP)
    .addHelpText('after', EXAMPLES)
    .action(async (options: IssueOptions) => done(await issue(context, options)));
};

async function issue(context: Context, options: IssueOptions): Promise<ExitCode> {
  const { jid, count, lines = false, at } = options;
  if (jid === undefined)
    throw new UsageError('--jid is missing; name the account that the token is for');
  refuseIdleHost(options);
  const keyring = findKeyring(context, options, jid);
  const clock = clockOf(context, at);
  const issuer = await renamingFields(keyring.place, () =>
    createIssuer({ ...tokenOptions(keyring), clock, prepareJid }),
  );
  try {
    checkJid(issuer, jid);
    for (let left = count; left > 0; left -= BATCH) {
      const tokens = Array.from({ length: Math.min(left, BATCH) }, () => issuer.issue(jid));
      await print(
        context,
        tokens.map((token) => (lines ? `${jid}\t${token}\n` : `${token}\n`)).join(''),
      );
    }
  } finally {
    issuer.dispose();
  }
  return EXIT.ok;
}

function checkJid(issuer: TokenIssuer, jid: string): void {
  const host = prepareJid(jid)?.split('@')[1];
  if (host === undefined) {
    throw new UsageError('--jid: not a bare JID; write localpart@domainpart without a resource');
  }
  if (issuer.hosts.includes(host)) return;
  throw new UsageError(`--jid: no keys for its host; the keys are for ${issuer.hosts.join(', ')}`);
}
