import { checkByBytes } from './check-bytes.js';
import { ACCEPTED, admit, BAD_SIGNATURE, Checks, Host, PREFIX_CHARS } from './checks.js';
import type { Peer, Secrets, SignatureCheck } from './peer.js';

/** A full verification from strings around one peer's HMAC. */
export interface PeerVerifier {
  verify(jid: string, token: string): number;
  /** How many of the first `count` tokens get this verdict. */
  count(jids: readonly string[], tokens: readonly string[], count: number, verdict: number): number;
}

export interface LatePeerVerifier {
  verify(jid: string, token: string): Promise<number>;
}

/** Makes a verifier with a peer that answers synchronously. */
export async function createVerifier(
  peer: Peer,
  secrets: Secrets,
  clock: () => number,
): Promise<PeerVerifier> {
  const verify =
    peer.verification?.(secrets, clock) ?? (await verificationAround(peer, secrets, clock));
  return {
    verify,
    count(jids, tokens, count, verdict) {
      let right = 0;
      for (let i = 0; i < count; i++) if (verify(jids[i]!, tokens[i]!) === verdict) right++;
      return right;
    },
  };
}

async function verificationAround(peer: Peer, secrets: Secrets, clock: () => number) {
  const checks = new Checks(await hostsOf(secrets, (key) => checkOf(peer, key)), clock);
  return (jid: string, token: string): number => {
    const code = checks.begin(jid, token);
    if (code !== ACCEPTED) return code;
    const { isSigned, seen } = checks.host!;
    const signature = token.slice(PREFIX_CHARS + 1);
    if (!isSigned(token.slice(0, PREFIX_CHARS) + jid, signature)) return BAD_SIGNATURE;
    return admit(seen[checks.index]!, signature);
  };
}

/** Makes a verifier with a peer that answers asynchronously. */
export async function createLateVerifier(
  peer: Peer,
  secrets: Secrets,
  clock: () => number,
): Promise<LatePeerVerifier> {
  const checks = new Checks(await hostsOf(secrets, peer.checkLater!), clock);
  return {
    async verify(jid, token) {
      const code = checks.begin(jid, token);
      if (code !== ACCEPTED) return code;
      const { isSigned, seen } = checks.host!;
      const { index } = checks;
      const signature = token.slice(PREFIX_CHARS + 1);
      if (!(await isSigned(token.slice(0, PREFIX_CHARS) + jid, signature))) return BAD_SIGNATURE;
      return admit(seen[index]!, signature);
    },
  };
}

async function hostsOf<Check>(
  secrets: Secrets,
  checkOf: (key: Uint8Array) => Check | Promise<Check>,
): Promise<Map<string, Host<Check>>> {
  const hosts = new Map<string, Host<Check>>();
  for (const [domain, { otpSeed, tokenSecret }] of Object.entries(secrets)) {
    hosts.set(domain, new Host(otpSeed, await checkOf(new TextEncoder().encode(tokenSecret))));
  }
  return hosts;
}

async function checkOf(peer: Peer, key: Uint8Array): Promise<SignatureCheck> {
  if (peer.check !== undefined) return peer.check(key);
  if (peer.hmac === undefined) throw new Error(`${peer.name} has neither check nor hmac`);
  return checkByBytes(await peer.hmac(key));
}
