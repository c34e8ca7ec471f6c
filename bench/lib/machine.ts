import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, type } from 'node:os';
import { ROOT } from './paths.js';
import type { Results } from './results.js';

export function describeMachine(): Results['machine'] {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    os: `${type()} ${release()} ${process.arch}`,
    load: loadavg().map((each) => Math.round(each * 100) / 100),
  };
}

export function describeRuntime(): Results['runtime'] {
  const { bun, deno, v8, node } = process.versions;
  if (bun !== undefined)
    return { name: 'Bun', version: bun, engine: `JavaScriptCore ${process.versions.webkit}` };
  if (deno !== undefined) return { name: 'Deno', version: deno, engine: `V8 ${v8}` };
  return { name: 'Node', version: node, engine: `V8 ${v8}` };
}

/** The command with which this runtime runs a file in a new process. Bun ignores `v8Flags`. */
export function commandFor(
  file: string,
  v8Flags: readonly string[] = [],
): { file: string; args: string[] } {
  const { name } = describeRuntime();
  if (name === 'Bun') return { file: process.execPath, args: [file] };
  if (name === 'Node') return { file: process.execPath, args: [...v8Flags, file] };
  const flags = v8Flags.length > 0 ? [`--v8-flags=${v8Flags.join(',')}`] : [];
  return { file: process.execPath, args: ['run', '-A', ...flags, file] };
}

/** The commit that is checked out, and whether the sources differ from it. */
export function describeCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  try {
    const changed = git(
      'status',
      '--porcelain',
      '--',
      'src',
      'assembly',
      'bench/*.ts',
      'bench/*.c',
    );
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : ', changed'}`;
  } catch {
    return 'unknown';
  }
}
