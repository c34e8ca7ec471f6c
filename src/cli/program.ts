import { Command, CommanderError } from 'commander';
import { VerifierError } from '../errors.js';
import { isPlainName, shownLines, stackPlaces } from '../text/safe.js';
import { didYouMean } from '../text/suggest.js';
import { systemFault } from '../text/system-error.js';
import type { CommandDefinition } from './command.js';
import { EXIT, type ExitCode, UsageError } from './command.js';
import { type Context, coloursFor, isTerminal, note } from './context.js';
import { demoCommand } from './demo.js';
import { extauthCommand } from './extauth.js';
import { checkConfigCommand, gatewayCommand } from './gateway.js';
import { issueCommand } from './issue.js';
import { keygenCommand } from './keygen.js';
import { keysCommand } from './keys.js';
import { totpCommand } from './totp.js';
import { verifyCommand } from './verify.js';

const COMMANDS: readonly CommandDefinition[] = [
  keygenCommand,
  keysCommand,
  issueCommand,
  verifyCommand,
  totpCommand,
  gatewayCommand,
  extauthCommand,
  checkConfigCommand,
  demoCommand,
];

const EXAMPLES = `
Examples:
  totp-token demo
  totp-token keygen --host example.com --out keys.json
  totp-token issue --keys keys.json --jid alice@example.com
  totp-token verify --help`;

/**
 * Runs the program on its arguments. Never throws. Prints faults to stderr and returns the exit
 * code.
 */
export async function run(args: readonly string[], context: Context): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = build(context, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, args, program, context);
  }
}

function build(context: Context, done: (code: ExitCode) => void): Command {
  const { stdout, stderr, env, version } = context;
  const { bold } = coloursFor(stdout, env);
  const program = new Command('totp-token')
    .description('Issues and verifies TOTP HMAC tokens, as Prosody’s mod_auth_token takes them.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ styleTitle: bold })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // commander quotes arguments, which may be secrets. explain() prints the fault instead.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(stdout.columns ?? 100, 110),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 100, 110),
      getOutHasColors: () => isTerminal(stdout, env) && !env.NO_COLOR,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const define of COMMANDS) {
    const command = define(context, done).copyInheritedSettings(program);
    for (const action of command.commands) action.copyInheritedSettings(program);
    program.addCommand(command);
  }
  return program;
}

/**
 * The command that the arguments name, or its subcommand for `keys`. The program if they name no
 * command.
 */
function namedBy(args: readonly string[], program: Command): Command {
  const named = (command: Command, name: string | undefined) =>
    command.commands.find((each) => each.name() === name);
  const command = named(program, args[0]);
  return (command && named(command, args[1])) ?? command ?? program;
}

/** The words that call a command. */
const wordsOf = (command: Command): string =>
  command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;

function explain(
  error: unknown,
  args: readonly string[],
  program: Command,
  context: Context,
): ExitCode {
  if (error instanceof CommanderError) {
    // The user asked for help or the version. Help without a command is a misuse.
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code !== 'commander.help') say(context, misuse(error, args, program));
    return EXIT.unusable;
  }
  if (error instanceof UsageError || error instanceof VerifierError) {
    say(context, error.message);
    // A crashed thread or process is not the user's mistake.
    return error instanceof VerifierError && error.code === 'ERR_WORKER'
      ? EXIT.internal
      : EXIT.unusable;
  }
  if (isSystemError(error) && error.syscall === 'write') {
    // The reader went away, or the disk is full.
    if (error.code === 'EPIPE') return EXIT.brokenPipe;
    say(context, `the output cannot be written (${error.code})`);
    return EXIT.unusable;
  }
  const fault = systemFault(error);
  if (fault !== undefined) {
    say(context, fault);
    return EXIT.unusable;
  }
  // The message of an unforeseen error may quote a secret. The places in its stack cannot.
  const stack = error instanceof Error ? stackPlaces(error) : [];
  say(context, `a fault of this program; please report it with these lines\n${stack.join('\n')}`);
  return EXIT.internal;
}

/**
 * Explains what was wrong with the arguments. Quotes only text that is plainly the name of an
 * option or command.
 */
function misuse(error: CommanderError, args: readonly string[], program: Command): string {
  const parsed = namedBy(args, program);
  const help = `see: ${wordsOf(parsed)} --help`;
  // Uses commander's code and state, because its message quotes arguments.
  switch (error.code) {
    case 'commander.unknownOption': {
      // commander puts arguments that it did not understand after the operands, the unknown option
      // first. An operand can begin with - only after a --, and is then never taken for an option.
      const flag = parsed.args.find((arg) => /^-./.test(arg))?.split('=', 1)[0] ?? '';
      const known = parsed.options.map(({ long }) => long ?? '');
      return `unknown option${shown(flag)}${optionGuess(flag, [...known, '--help'])}\n${help}`;
    }
    case 'commander.unknownCommand': {
      const [name = ''] = parsed.args;
      const known = [...parsed.commands.map((each) => each.name()), 'help'];
      return `unknown command${shown(name)}${didYouMean(name, known)}\n${help}`;
    }
    case 'commander.excessArguments':
      return `too many arguments${parsed.name() === 'verify' ? '; a token holds a space: put it in quotes' : ''}\n${help}`;
    case 'commander.optionMissingArgument': {
      // An argument after the option would be its value, so the option is the last argument.
      const last = args.at(-1);
      const option = parsed.options.find(({ short, long }) => last === short || last === long);
      return `${option?.long ?? 'an option'}: its value is missing\n${help}`;
    }
    default:
      return `these arguments are not understood\n${help}`;
  }
}

const shown = (name: string) => (isPlainName(name) ? ` ${name}` : '');

/** Suggests an option. Also recognises a value without a space before it (`--otp-seedABC`). */
function optionGuess(flag: string, known: readonly string[]): string {
  const stuck = known.find((name) => name !== '' && flag.startsWith(name));
  return stuck === undefined ? didYouMean(flag, known) : `; did you mean ${stuck} and a value?`;
}

function say(context: Context, message: string): void {
  const { red } = coloursFor(context.stderr, context.env);
  // Text from outside must not control the terminal.
  note(context, `${red('error:')} ${shownLines(message)}`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
