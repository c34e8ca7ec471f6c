import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BINARY, KEYS } from '../../unit/cli/binary.js';

/** A gateway is asked to stop once it listens. */
const GATEWAY = `
import { spawn } from 'node:child_process';
const child = spawn(process.execPath, [${JSON.stringify(BINARY)}, ...process.argv.slice(1)], { stdio: ['inherit', 'inherit', 'pipe'] });
child.stderr.on('data', (text) => {
  process.stderr.write(text);
  if (/gateway at http/.test(text)) child.kill('SIGTERM');
});
child.on('close', (code) => process.exit(code ?? 1));
`;

/** Stands in for an installed `totp-token`, and for `npx totp-token`. */
const COMMAND = `#!/bin/sh
case "$0" in */npx) test "$1" = totp-token || exit 127; shift ;; esac
if test "$1" = gateway; then exec "$NODE" --input-type=module --eval "$GATEWAY" -- "$@"; fi
exec "$NODE" "$BINARY" "$@"
`;

const FILES: Readonly<Record<string, string>> = {
  'keys.json': JSON.stringify({ hosts: KEYS }),
  'gateway.toml': 'keys = "keys.json"\n',
};

/**
 * Runs lines for a shell in a folder of their own, to the first that fails. Returns all that they
 * wrote.
 */
export async function runTranscript(
  code: string,
  folder: string,
  given: readonly string[] = [],
): Promise<string> {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['npx', 'totp-token']) {
    writeFileSync(join(bin, name), COMMAND);
    chmodSync(join(bin, name), 0o755);
  }
  for (const name of given) {
    const text = FILES[name];
    if (text === undefined) throw new Error(`no transcript is given ${name}`);
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  const env = {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    NODE: process.execPath,
    BINARY,
    GATEWAY,
    TOTP_TOKEN_GATEWAY_LISTEN: '127.0.0.1:0',
  };
  const child = spawn('bash', ['-euo', 'pipefail', '-c', code], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const status = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (status !== 0) throw new Error(`ended with ${status}\n${output}`);
  return output;
}
