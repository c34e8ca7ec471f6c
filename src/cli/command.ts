import type { Command } from 'commander';
import type { Context } from './context.js';
import type { ExitCode } from './exit-codes.js';

/** What every command's file exports: the command, which calls `done` with its exit code when it has run. */
export type CommandDefinition = (context: Context, done: (code: ExitCode) => void) => Command;
