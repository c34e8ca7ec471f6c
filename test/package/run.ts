import { spawnSync } from 'node:child_process';

/**
 * What a process wrote on stdout. One that fails throws all that it wrote: compilers complain on
 * stdout.
 */
export function run(file: string, args: readonly string[], cwd: string, shell = false): string {
  const { status, error, stdout, stderr } = spawnSync(file, args, { cwd, shell, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}
