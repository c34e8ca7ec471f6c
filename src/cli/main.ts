#!/usr/bin/env node
import { basename, relative } from 'node:path';
import { EXIT } from './command.js';
import type { Context } from './context.js';
import { catchReload } from './signals.js';

const [, script = '', command] = process.argv;
// Runs before the imports below, which take half a second to load.
if (command === 'gateway' || command === 'extauth') catchReload();

/** The build replaces this with the version of package.json. */
declare const TOTP_TOKEN_VERSION: string;

/** Signals by which a user or the system ends the program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const cleanUps = new Set<() => void>();

/** Cleans up the terminal and files, then ends by the same signal, as the caller expects. */
function interrupted(signal: NodeJS.Signals): void {
  for (const cleanUp of cleanUps) cleanUp();
  for (const each of SIGNALS) process.off(each, interrupted);
  process.kill(process.pid, signal);
}

/** The command's name if npm has put it on the path, or else its file. */
function calledAs(script: string): string {
  return /^(main\.js|totp-token\.mjs)$/.test(basename(script))
    ? `node ${relative(process.cwd(), script)}`
    : 'totp-token';
}

const context: Context = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  self: calledAs(script),
  version: TOTP_TOKEN_VERSION,
  now: Date.now,
  onInterrupt: (cleanUp) => {
    if (cleanUps.size === 0) for (const signal of SIGNALS) process.on(signal, interrupted);
    cleanUps.add(cleanUp);
    return () => {
      cleanUps.delete(cleanUp);
      if (cleanUps.size === 0) for (const signal of SIGNALS) process.off(signal, interrupted);
    };
  },
};

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    for (const cleanUp of cleanUps) cleanUp();
    if (error.code === 'EPIPE') process.exit(EXIT.brokenPipe);
    process.stderr.write(`error: the output cannot be written (${error.code})\n`);
    process.exit(EXIT.unusable);
  });
}

const { run } = await import('./program.js');
process.exitCode = await run(process.argv.slice(2), context);
// The gateway ends here, even if a store does not close or a channel to another process is open.
if (command === 'gateway') process.exit();
