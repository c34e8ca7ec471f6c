import { spawnSync } from 'node:child_process';

/**
 * Returns the standard output of a process. If it fails, throws all of its output: compilers report
 * errors on stdout.
 */
export function run(file: string, args: readonly string[], cwd: string, shell = false): string {
  const { status, error, stdout, stderr } = spawnSync(file, args, { cwd, shell, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}
