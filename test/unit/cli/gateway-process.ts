import { once } from 'node:events';
import { tokenOf } from '../token/reference.js';
import { ended, SECRET, SEED, start } from './binary.js';

const PERIOD_MS = 30_000;

/** Starts the built gateway, and waits until it says where it is. */
export async function begin(args: readonly string[], env: Record<string, string> = {}) {
  const child = start(['gateway', ...args], { env });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += text));
  child.stderr.on('data', (text) => (output.stderr += text));
  const result = ended(child);
  const exited = once(child, 'exit');
  const until = async (stream: 'stdout' | 'stderr', pattern: RegExp) => {
    while (!pattern.test(output[stream])) {
      if (child.exitCode !== null) throw new Error(`ended early: ${output.stderr}`);
      await Promise.race([once(child[stream], 'data'), exited]);
    }
    return pattern.exec(output[stream])!;
  };
  const [, address = ''] = await until('stderr', /gateway at (.+)\n/);
  return { child, result, until, address, output };
}

export const freshToken = (nonce: number) =>
  tokenOf({
    keys: { otpSeed: SEED, tokenSecret: SECRET },
    step: Math.floor(Date.now() / PERIOD_MS),
    nonce,
  });

export const verify = (address: string, token: string, jid = 'alice@example.com') =>
  fetch(`${address}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jid, token }),
  });
