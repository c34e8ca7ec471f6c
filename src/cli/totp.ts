import { Command } from 'commander';
import { renamingFields } from '../errors.js';
import {
  type Algorithm,
  createTotp,
  otpauthUri,
  type Totp,
  type TotpVerdict,
  timeStep,
} from '../index.js';
import { ALGORITHM_NAMES } from '../keyfile/shape.js';
import { MAX_DIGITS, MAX_PERIOD, MAX_WINDOW, MIN_DIGITS } from '../limits.js';
import { algorithmNamed } from '../mac/hmac.js';
import {
  DEFAULT_ALGORITHM,
  DEFAULT_DIGITS,
  DEFAULT_PERIOD,
  looksLikeMilliseconds,
  SECONDS_FIX,
} from '../otp/options.js';
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
import { type Context, coloursFor, isTerminal, print, readShortText } from './context.js';
import { svgCode, terminalCode } from './qr-code.js';
import { findTotpSource, type TotpSource, type TotpSourceOptions } from './totp-source.js';
import { driftText } from './verdict-text.js';

interface TotpOptions extends TotpSourceOptions {
  readonly digits?: number;
  readonly period?: number;
  readonly algorithm?: Algorithm;
  readonly check?: string;
  readonly window: number;
  readonly otpauth?: boolean;
  readonly qr?: boolean;
  readonly svg?: boolean;
  readonly account?: string;
  readonly issuer?: string;
  readonly json?: boolean;
  readonly at?: number;
}

const DETAILS = `
The secret comes from one of --secret-file, --uri and --keys, else from TOTP_SECRET, else from the keys that the
environment names. Digits, period and algorithm are those of the URI or the key file unless options set others.
In a pipe, only the code is printed. --otpauth, --qr and --svg print the secret: let nobody else see it.

Exit code: 0 done, or the code is right; 1 the code is wrong; 2 the arguments or the secret are not usable.`;

const EXAMPLES = `
Examples:
  totp-token totp --secret-file seed.txt --digits 6
  totp-token totp --keys keys.json --host example.com --check 12345678
  totp-token totp --secret-file seed.txt --digits 6 --qr --account alice --issuer Example`;

export const totpCommand: CommandDefinition = (context, done) =>
  new Command('totp')
    .summary('show or check a one-time code (RFC 6238)')
    .description('Shows the current one-time code, or checks a code.')
    .option('-s, --secret-file <file>', 'file with the secret in base32')
    .option('--uri <file>', 'file with an otpauth:// URI; - for stdin')
    .option('-k, --keys <file>', 'key file: the seed of a host in it')
    .option('--host <name>', 'which host of the keys')
    .option(
      '--digits <number>',
      'digits of a code (default: 8)',
      wholeNumber('--digits', MIN_DIGITS, MAX_DIGITS),
    )
    .option('--period <seconds>', 'how long one code lasts (default: 30)', parsePeriod)
    .option('--algorithm <name>', `${ALGORITHM_NAMES} (default: SHA-1)`, parseAlgorithm)
    .option('-c, --check <code>', 'check this code; - for stdin')
    .option(
      '--window <steps>',
      'steps before and after now to accept',
      wholeNumber('--window', 0, MAX_WINDOW),
      1,
    )
    .option('--otpauth', 'print the otpauth:// URI for an authenticator app')
    .option('--qr', 'print that URI as a QR code for the terminal')
    .option('--svg', 'print that URI as a QR code in an SVG image')
    .option('--account <name>', 'in the URI: the account, such as alice')
    .option('--issuer <name>', 'in the URI: the service that issues it')
    .option('--json', 'print JSON')
    .option(AT_FLAGS, AT_HELP, parseInstant)
    .addHelpText('after', DETAILS)
    .addHelpText('after', EXAMPLES)
    .action(async (options: TotpOptions) => done(await runTotp(context, options)));

function parsePeriod(text: string): number {
  if (looksLikeMilliseconds(Number(text)))
    throw new UsageError(`--period: looks like milliseconds; ${SECONDS_FIX}`);
  return wholeNumber('--period', 1, MAX_PERIOD)(text);
}

function parseAlgorithm(text: string): Algorithm {
  const algorithm = algorithmNamed(text);
  if (algorithm === undefined)
    throw new UsageError(`--algorithm: not a known one; write ${ALGORITHM_NAMES}`);
  return algorithm;
}

async function runTotp(context: Context, options: TotpOptions): Promise<ExitCode> {
  refuseContradictions(options);
  const source = await findTotpSource(context, options);
  const parameters = {
    digits: options.digits ?? source.digits ?? DEFAULT_DIGITS,
    period: options.period ?? source.period ?? DEFAULT_PERIOD,
    algorithm: options.algorithm ?? source.algorithm ?? DEFAULT_ALGORITHM,
  };
  const window = { past: options.window, future: options.window };
  const generators = await Promise.all(
    source.secrets.map((secret, index) =>
      renamingFields(
        (field) => source.place(field, index),
        () => createTotp({ ...parameters, secret, window }),
      ),
    ),
  );
  try {
    if (uriForms(options).length > 0) return await printUri(context, options, source, parameters);
    const timeMs = clockOf(context, options.at)();
    if (options.check !== undefined) return await check(context, options, generators, timeMs);
    return await show(context, options, generators[0]!, parameters.period, timeMs);
  } finally {
    for (const generator of generators) generator.dispose();
  }
}

/** The given options that print the URI. */
function uriForms({ otpauth, qr, svg }: TotpOptions): string[] {
  const forms = { '--otpauth': otpauth, '--qr': qr, '--svg': svg };
  return Object.entries(forms).flatMap(([name, given]) => (given ? [name] : []));
}

function refuseContradictions(options: TotpOptions): void {
  const { check, account, issuer, uri, json } = options;
  const forms = uriForms(options);
  const outputs = [
    ...forms,
    ...(check === undefined ? [] : ['--check']),
    ...(json ? ['--json'] : []),
  ];
  if (forms.length > 0 && outputs.length > 1)
    throw new UsageError(`${outputs.join(' and ')}: give one of them`);
  if (forms.length === 0 && (account ?? issuer) !== undefined) {
    throw new UsageError('--account and --issuer go with --otpauth, --qr and --svg');
  }
  if (check === '-' && uri === '-') {
    throw new UsageError('--check - and --uri -: only one can come from stdin');
  }
}

async function show(
  context: Context,
  options: TotpOptions,
  generator: Totp,
  period: number,
  timeMs: number,
): Promise<ExitCode> {
  const code = generator.generate(timeMs);
  const step = timeStep(timeMs / 1000, { period });
  const validForSeconds = Math.ceil(((step + 1) * period * 1000 - timeMs) / 1000);
  if (options.json) {
    await print(context, `${JSON.stringify({ code, step, validForSeconds })}\n`);
  } else if (isTerminal(context.stdout, context.env)) {
    const { bold, dim } = coloursFor(context.stdout, context.env);
    await print(context, `${bold(code)}  ${dim(`valid for ${validForSeconds} s`)}\n`);
  } else {
    await print(context, `${code}\n`);
  }
  return EXIT.ok;
}

async function check(
  context: Context,
  options: TotpOptions,
  generators: readonly Totp[],
  timeMs: number,
): Promise<ExitCode> {
  const code =
    options.check === '-'
      ? ((await readShortText(context.stdin, 64)) ?? '')
      : (options.check as string);
  const verdicts = generators.map((generator) => generator.verify(code, { timeMs }));
  const verdict = verdicts.find(({ ok }) => ok) ?? verdicts[0]!;
  const isJson = options.json || !isTerminal(context.stdout, context.env);
  await print(context, isJson ? `${JSON.stringify(verdict)}\n` : readable(context, verdict));
  return verdict.ok ? EXIT.ok : EXIT.rejected;
}

function readable(context: Context, verdict: TotpVerdict): string {
  const { green, red, dim } = coloursFor(context.stdout, context.env);
  if (verdict.ok) {
    return `${green('✓ accepted')}  ${dim(`step ${verdict.step} (${driftText(verdict.drift)})`)}\n`;
  }
  const meaning =
    verdict.code === 'malformed'
      ? 'the code has a wrong number of digits or other characters'
      : 'not the code of any step in the window';
  return `${red(`✗ ${verdict.code}`)}  ${dim(meaning)}\n`;
}

async function printUri(
  context: Context,
  options: TotpOptions,
  source: TotpSource,
  parameters: { digits: number; period: number; algorithm: Algorithm },
): Promise<ExitCode> {
  const account = options.account ?? source.account;
  if (account === undefined) {
    throw new UsageError('--account is missing; give the name that the app shows');
  }
  const issuer = options.issuer ?? source.issuer;
  const place = (field: string) =>
    field === 'account' || field === 'issuer' ? `--${field}` : source.place(field, 0);
  const uri = await renamingFields(place, () =>
    otpauthUri({ type: 'totp', account, issuer, secret: source.secrets[0]!, ...parameters }),
  );
  if (options.qr) await print(context, terminalCode(context, uri, '--qr'));
  else if (options.svg) await print(context, svgCode(uri, '--svg'));
  else await print(context, `${uri}\n`);
  return EXIT.ok;
}
