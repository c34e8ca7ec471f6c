// Runs the fuzzer for TOTP_TOKEN_FUZZ_SECONDS on each target, by default a minute. Arguments go to
// vitest.
import { join } from 'node:path';
import { program } from './lib/process.mjs';
import { superviseVitest } from './lib/supervise.mjs';

void program(async () => {
  const args = ['--project', 'fast*', join('test', 'fuzz'), ...process.argv.slice(2)];
  const { TOTP_TOKEN_FUZZ_SECONDS = '60' } = process.env;
  process.exitCode = await superviseVitest(args, { TOTP_TOKEN_FUZZ_SECONDS });
});
