/**
 * Verifies fresh tokens in turns, each candidate for a moment, and tells how many a second. Runs in
 * a thread of its own.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createIssuer, createVerifier, generateKeys, totp } from 'totp-token';

/** What the page is told after each turn. */
export interface Turn {
  readonly name: string;
  readonly atMs: number;
  readonly tokensASecond: number;
}

const TOKENS = 2048;
/** How long it measures, in milliseconds: the page names the thread so. */
const TURNS_MS = Number(self.name);
const HOST = 'example.com';
const PERIOD_MS = 30_000;

const keys = generateKeys();
const hosts = { [HOST]: keys };
const utf8 = new TextEncoder();
const secret = utf8.encode(keys.tokenSecret);
// Moved on by a window after each round, so that every token is fresh to everyone.
let nowMs = Date.now();
const clock = () => nowMs;
const jids = Array.from({ length: TOKENS }, (_, i) => `user${i}@${HOST}`);

type Verify = (tokens: readonly string[]) => number | Promise<number>;

/**
 * The same checks around another HMAC: form, the window's codes, the signature, a set for replays.
 */
function around(
  mac: (message: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>,
): Verify {
  return async (tokens) => {
    const codes = new Set(
      [-1, 0, 1].map((step) => totp({ secret: keys.otpSeed, timeMs: nowMs + step * PERIOD_MS })),
    );
    const seen = new Set<string>();
    let accepted = 0;
    for (const [i, token] of tokens.entries()) {
      if (!/^\d{40} [A-Za-z0-9+/]{43}=$/.test(token) || !codes.has(token.slice(0, 8))) continue;
      const bytes = await mac(utf8.encode(token.slice(0, 40) + jids[i]));
      const signature = btoa(String.fromCharCode(...bytes));
      if (signature !== token.slice(41) || seen.has(signature)) continue;
      seen.add(signature);
      accepted++;
    }
    return accepted;
  };
}

async function run(): Promise<void> {
  const issuer = await createIssuer({ hosts, clock });
  const verifier = await createVerifier({ hosts, clock, replay: { capacity: TOKENS } });
  const batches = await createVerifier({ hosts, clock, replay: { capacity: TOKENS } });
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  const candidates: Record<string, Verify> = {
    'totp-token, batches': (tokens) =>
      batches.verifyBatch(jids.slice(0, tokens.length), tokens).accepted,
    'totp-token, one by one': (tokens) =>
      tokens.filter((token, i) => verifier.verify(jids[i] as string, token).ok).length,
    '@noble/hashes': around((message) => hmac(sha256, secret, message)),
    WebCrypto: around(
      async (message) => new Uint8Array(await crypto.subtle.sign('HMAC', key, message)),
    ),
  };
  const startedMs = performance.now();
  while (performance.now() - startedMs < TURNS_MS) {
    nowMs += 3 * PERIOD_MS;
    const tokens = jids.map((jid) => issuer.issue(jid));
    for (const [name, verify] of Object.entries(candidates)) {
      const beganMs = performance.now();
      const accepted = await verify(tokens);
      const spentMs = Math.max(performance.now() - beganMs, 0.1);
      if (accepted !== TOKENS) throw new Error(`${name} accepted ${accepted} of ${TOKENS}`);
      const turn: Turn = {
        name,
        atMs: performance.now() - startedMs,
        tokensASecond: (TOKENS * 1000) / spentMs,
      };
      self.postMessage(turn);
    }
  }
  self.postMessage('done');
}

void run();
