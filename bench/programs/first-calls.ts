// Measures the first calls of a process: the time to the first verdict, and how soon the engine's
// compilers make calls quick.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST } from '../lib/dist.js';
import type { Ask, FirstCalls } from './messages.js';

const { hosts, nowMs, jids, tokens, by }: Ask = JSON.parse(readFileSync(0, 'utf8'));
const CHECKPOINTS = [10, 100, 1000, 10_000];
const clock = () => nowMs;

const beganMs = performance.now();
const create = by === 'totp-token' ? await importOurs() : await importBaseline();
const importedMs = performance.now();
const isAccepted = await create();
let accepted = isAccepted(0) ? 1 : 0;
const firstMs = performance.now();

const means: { calls: number; ns: number }[] = [];
let done = 1;
const startedMs = performance.now();
for (const calls of CHECKPOINTS) {
  const end = Math.min(calls, tokens.length - 1);
  for (; done <= end; done++) if (isAccepted(done)) accepted++;
  means.push({ calls, ns: ((performance.now() - startedMs) * 1e6) / end });
}
if (accepted !== tokens.length)
  throw new Error(`${accepted} of ${tokens.length} tokens were accepted`);

const result: FirstCalls = {
  importMs: importedMs - beganMs,
  firstVerdictMs: firstMs - importedMs,
  means,
};
process.stdout.write(JSON.stringify(result));

async function importOurs() {
  const library: typeof import('../../src/index.js') = await import(
    pathToFileURL(join(DIST, 'index.js')).href
  );
  return async () => {
    const verifier = await library.createVerifier({ hosts, clock });
    return (i: number) => verifier.verify(jids[i]!, tokens[i]!).ok;
  };
}

async function importBaseline() {
  const [{ peer }, { createVerifier }] = await Promise.all([
    import('../peers/node-create-hmac.js'),
    import('../peers/verifier.js'),
  ]);
  return async () => {
    const { verify } = await createVerifier(peer, hosts, clock);
    return (i: number) => verify(jids[i]!, tokens[i]!) === 0;
  };
}
