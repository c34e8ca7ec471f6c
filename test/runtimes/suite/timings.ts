/**
 * How long a token takes in this runtime, beside the same by its WebCrypto, one after the other.
 * Never asserted.
 */
import { createIssuer, createVerifier } from 'totp-token';
import type { Timings } from './index.js';
import { importHmac, KEYS, otpOf, PERIOD_MS, STEP } from './reference.js';

const TOKENS = 8192;
/** Rounds between two readings of the clock, which may count only milliseconds. */
const ROUNDS = 4;
/** Measurements, of which the quickest counts: the others were disturbed. The first warms up. */
const TIMES = 6;
const WEB_CRYPTO_TOKENS = 1024;

const clock = () => (STEP + 0.5) * PERIOD_MS;
const hosts = { 'example.com': KEYS };
const encoder = new TextEncoder();

/** Waits for a new task first, as the clock of workerd does not move within one. */
async function nowMs(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return typeof performance === 'undefined' ? Date.now() : performance.now();
}

async function nsEach(tokens: number, work: () => void | Promise<void>): Promise<number> {
  const startMs = await nowMs();
  await work();
  return (((await nowMs()) - startMs) * 1e6) / tokens;
}

async function quickest(measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TIMES; i++) least = Math.min(least, await measure());
  return least;
}

export async function timings(): Promise<Timings> {
  const issuer = await createIssuer({ hosts, clock });
  const jids = Array.from({ length: TOKENS }, (_, i) => `user-${i}@example.com`);
  const tokens = jids.map((jid) => issuer.issue(jid));
  const fresh = () => createVerifier({ hosts, clock, replay: { capacity: TOKENS } });

  async function ours(
    round: (verifier: Awaited<ReturnType<typeof fresh>>) => number,
  ): Promise<number> {
    return quickest(async () => {
      const verifiers = await Promise.all(Array.from({ length: ROUNDS }, fresh));
      return nsEach(TOKENS * ROUNDS, () => {
        for (const verifier of verifiers) {
          if (round(verifier) !== TOKENS) throw new Error('a token was not accepted');
        }
      });
    });
  }

  const verifyNs = await ours((verifier) => {
    let accepted = 0;
    for (let i = 0; i < TOKENS; i++) if (verifier.verify(jids[i]!, tokens[i]!).ok) accepted++;
    return accepted;
  });
  const batchNs = await ours((verifier) => verifier.verifyBatch(jids, tokens).accepted);

  const peer = await webCryptoVerifier();
  const webCryptoNs = await quickest(() => {
    peer.forget();
    return nsEach(WEB_CRYPTO_TOKENS, async () => {
      for (let i = 0; i < WEB_CRYPTO_TOKENS; i++) {
        if (!(await peer(jids[i]!, tokens[i]!))) throw new Error('a token was not accepted');
      }
    });
  });
  return { verifyNs, batchNs, webCryptoNs };
}

interface Peer {
  (jid: string, token: string): Promise<boolean>;
  forget(): void;
}

/**
 * The least that a verifier by WebCrypto does: form, OTPs kept for the step, signature, a set
 * against replay.
 */
async function webCryptoVerifier(): Promise<Peer> {
  const key = await importHmac('SHA-256', encoder.encode(KEYS.tokenSecret));
  const otps = new Set(await Promise.all([-1, 0, 1].map((drift) => otpOf(KEYS, STEP + drift))));
  const seen = new Set<string>();
  const form = /^\d{40} [A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
  const verify = async (jid: string, token: string): Promise<boolean> => {
    if (!form.test(token) || !otps.has(token.slice(0, 8))) return false;
    const mac = Uint8Array.from(atob(token.slice(41)), (char) => char.charCodeAt(0));
    if (!(await crypto.subtle.verify('HMAC', key, mac, encoder.encode(token.slice(0, 40) + jid))))
      return false;
    const isFresh = !seen.has(token);
    seen.add(token);
    return isFresh;
  };
  return Object.assign(verify, { forget: () => seen.clear() });
}
