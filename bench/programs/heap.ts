// Measures the bytes that calls leave on the heap after the engine has compiled them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GCProfiler } from 'node:v8';
import { DIST } from '../lib/dist.js';
import { median } from '../lib/statistics.js';
import type { Allocations, HeapAsk } from './messages.js';

const { hosts, nowMs, jids, tokens, wrongOtp, forged }: HeapAsk = JSON.parse(
  readFileSync(0, 'utf8'),
);
const library: typeof import('../../src/index.js') = await import(
  pathToFileURL(join(DIST, 'index.js')).href
);
const { gc } = globalThis as unknown as { gc: () => void };

const COMPILE_MS = 300;
const SLICES = 20;
const SLICE = Math.floor(tokens.length / SLICES);
const clock = () => nowMs;
const figures: { name: string; bytesACall: number }[] = [];
let collections = 0;

const verifier = await library.createVerifier({ hosts, clock });
const issuer = await library.createIssuer({ hosts, clock });
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

// First the engine compiles verify for all of its outcomes.
for (let i = 0; i < 20_000; i++) {
  verifier.verify(jids[i]!, issuer.issue(jids[i]!));
  verifier.verify(jids[i]!, wrongOtp[i]!);
  verifier.verify(jids[i]!, forged[i]!);
}
// It compiles in the background, and may not be ready yet.
await new Promise((resolve) => setTimeout(resolve, COMPILE_MS));
for (let i = 0; i < 2000; i++) verifier.verify(jids[i]!, wrongOtp[i]!);
measure('verify, accepted', (i) => verifier.verify(jids[i]!, tokens[i]!).code === 'accepted');
measure('verify, replayed', (i) => verifier.verify(jids[i]!, tokens[i]!).code === 'replayed');
measure('verify, wrong OTP', (i) => verifier.verify(jids[i]!, wrongOtp[i]!).code === 'wrong-otp');
measure(
  'verify, bad signature',
  (i) => verifier.verify(jids[i]!, forged[i]!).code === 'bad-signature',
);

const encoder = new TextEncoder();
const target = new Uint8Array(256);
const concatenate = (i: number) =>
  encoder.encodeInto(tokens[i]! + jids[i]!, target).written === 102;
const encodeFlat = (i: number) => encoder.encodeInto(tokens[i]!, target).written === 85;
const bytes = jids.map((jid, i) => ({
  jid: new TextEncoder().encode(jid),
  token: new TextEncoder().encode(flat(tokens[i]!)),
}));
for (let i = 0; i < tokens.length; i++) {
  concatenate(i);
  encodeFlat(i);
  verifier.verify(bytes[i]!.jid, bytes[i]!.token);
}
measure('beside it: encodeInto(token + jid) alone', concatenate);
measure('beside it: encodeInto(token) alone', encodeFlat);
measure('verify from bytes, replayed', (i) => !verifier.verify(bytes[i]!.jid, bytes[i]!.token).ok);
measure('beside it: an empty loop', () => true);

const result: Allocations = { figures, collections };
process.stdout.write(JSON.stringify(result));

/**
 * Takes the median of slices. The bytes of calls are in every slice. The bytes of the engine's
 * background compiler are in one or two.
 */
function measure(name: string, isRight: (i: number) => boolean): void {
  gc();
  const profiler = new GCProfiler();
  profiler.start();
  let right = 0;
  const bytes: number[] = [];
  for (let slice = 0; slice < SLICES; slice++) {
    const before = process.memoryUsage().heapUsed;
    right += countRight(isRight, slice * SLICE, (slice + 1) * SLICE);
    bytes.push(process.memoryUsage().heapUsed - before);
  }
  collections += profiler.stop()?.statistics.length ?? 0;
  if (right !== SLICES * SLICE) throw new Error(`${name}: ${right} of ${SLICES * SLICE}`);
  figures.push({ name, bytesACall: median(bytes) / SLICE });
}

function countRight(isRight: (i: number) => boolean, from: number, end: number): number {
  let right = 0;
  for (let i = from; i < end; i++) if (isRight(i)) right++;
  return right;
}
