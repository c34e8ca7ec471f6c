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
 * Runs the program on its arguments. Never throws: whatever went wrong is on stderr and in the exit
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
      // commander quotes arguments, which may be secrets: explain() says it instead.
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

/** The command that the arguments name, and that of `keys` behind it; the program if none. */
function namedBy(args: readonly string[], program: Command): Command {
  const named = (command: Command, name: string | undefined) =>
    command.commands.find((each) => each.name() === name);
  const command = named(program, args[0]);
  return (command && named(command, args[1])) ?? command ?? program;
}

/** The words by which a command is called. */
const wordsOf = (command: Command): string =>
  command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;

function explain(
  error: unknown,
  args: readonly string[],
  program: Command,
  context: Context,
): ExitCode {
  if (error instanceof CommanderError) {
    // Help and version were asked for; help without a command was not.
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code !== 'commander.help') say(context, misuse(error, args, program));
    return EXIT.unusable;
  }
  if (error instanceof UsageError || error instanceof VerifierError) {
    say(context, error.message);
    // A thread or a process that died is nobody's mistake at the keyboard.
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
  // The message of an error that nobody foresaw may quote anything; the places in its stack cannot.
  const stack = error instanceof Error ? stackPlaces(error) : [];
  say(context, `a fault of this program; please report it with these lines\n${stack.join('\n')}`);
  return EXIT.internal;
}

/**
 * What was wrong with the arguments. Only what is plainly a name of an option or command is quoted.
 */
function misuse(error: CommanderError, args: readonly string[], program: Command): string {
  const parsed = namedBy(args, program);
  const help = `see: ${wordsOf(parsed)} --help`;
  // Told by commander's code and by what it keeps; its message quotes arguments.
  switch (error.code) {
    case 'commander.unknownOption': {
      // What commander could not place follows the operands, the option first. One of these can
      // begin with - only behind a --, and what stands there is never taken for an option.
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
      // Any argument behind the option would be its value.
      const last = args.at(-1);
      const option = parsed.options.find(({ short, long }) => last === short || last === long);
      return `${option?.long ?? 'an option'}: its value is missing\n${help}`;
    }
    default:
      return `these arguments are not understood\n${help}`;
  }
}

const shown = (name: string) => (isPlainName(name) ? ` ${name}` : '');

/** A value that sticks to its option (`--otp-seedABC`) is taken for one too. */
function optionGuess(flag: string, known: readonly string[]): string {
  const stuck = known.find((name) => name !== '' && flag.startsWith(name));
  return stuck === undefined ? didYouMean(flag, known) : `; did you mean ${stuck} and a value?`;
}

function say(context: Context, message: string): void {
  const { red } = coloursFor(context.stderr, context.env);
  // A name that comes from outside must not steer the terminal.
  note(context, `${red('error:')} ${shownLines(message)}`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
