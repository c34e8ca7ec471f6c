import { spawn } from 'node:child_process';
import { commandFor } from './machine.js';
import { programFile } from './paths.js';

/**
 * Runs a program of the bench in this runtime, gives it `input` and returns what it prints, both as
 * JSON.
 */
export function runProgram<T>(
  name: string,
  input: unknown,
  v8Flags: readonly string[] = [],
): Promise<T> {
  const { file, args } = commandFor(programFile(name), v8Flags);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  // A program that does not read its input may end before all of it is written. Its exit code shows
  // the outcome.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(input));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`${name} ended with ${code}`)),
    );
  });
}
