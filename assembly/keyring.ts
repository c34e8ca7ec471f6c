import { KEY_BYTES, setKey } from './hmac';
import { SHA_256 } from './hash';
import { CODE_BYTES, hotp, voidCode } from './hotp';
import { alloc, free, hostTable } from './memory';

/**
 * Hosts by their domain, each with its keys in order.
 *
 *   host  next u32 | hash u32 | first key u32 | bytes u32 | domain, zero-padded to 8 bytes
 *   key   next u32 | 4 free | step of the codes i64 | token_secret record | otp_seed record | codes
 *   of the window
 */
const HASH: usize = 4;
const KEYS: usize = 8;
const LENGTH: usize = 12;
const DOMAIN: usize = 16;

const CODES_STEP: usize = 8;
/** Where a key holds the HMAC-SHA-256 record of `token_secret`. */
export const SECRET: usize = 16;
const SEED: usize = SECRET + KEY_BYTES;
const CODES: usize = SEED + KEY_BYTES;
/** At most 10 steps each way and the present one. */
const MAX_STEPS: usize = 21;
const KEY_RECORD: usize = CODES + MAX_STEPS * CODE_BYTES;

/** Heads of the chains that hosts hang in by hash. */
export const CHAINS: u32 = 1024;

/** The window, in steps, and the form of an OTP. */
export let past: i64 = 1;
let future: i64 = 1;
export let digits: i32 = 8;
let algorithm: i32 = 1;

/** The bits of a code's first 8 and last 8 bytes that are digits. */
let maskLow: u64 = -1;
let maskHigh: u64 = 0;

export function configureCodes(stepsPast: u32, stepsFuture: u32, codeDigits: i32, codeAlgorithm: i32): void {
  past = stepsPast;
  future = stepsFuture;
  digits = codeDigits;
  algorithm = codeAlgorithm;
  maskLow = digits >= 8 ? -1 : (<u64>1 << (digits * 8)) - 1;
  maskHigh = digits <= 8 ? 0 : (<u64>1 << ((digits - 8) * 8)) - 1;
}

/** The last, partial 8 bytes of a domain as if zeros followed. */
@inline function tailOf(domain: usize, length: u32): u64 {
  const rest = length & 7;
  return rest ? load<u64>(domain + (length - rest)) & ((<u64>1 << (rest * 8)) - 1) : 0;
}

/** Spreads hosts over the chains. Hosts are the operator's: nobody can pick colliding ones. */
function hashOf(domain: usize, length: u32): u32 {
  let mixed: u64 = length;
  for (let i: u32 = 8; i <= length; i += 8) mixed = (rotl(mixed, 5) ^ load<u64>(domain + i - 8)) * 0x9e3779b97f4a7c15;
  mixed = (rotl(mixed, 5) ^ tailOf(domain, length)) * 0x9e3779b97f4a7c15;
  return <u32>(mixed >> 32);
}

@inline function sameDomain(host: usize, domain: usize, length: u32): bool {
  if (load<u32>(host, LENGTH) != length) return false;
  let i: u32 = 8;
  for (; i <= length; i += 8) {
    if (load<u64>(host + DOMAIN + i - 8) != load<u64>(domain + i - 8)) return false;
  }
  return load<u64>(host + DOMAIN + i - 8) == tailOf(domain, length);
}

/** The host found last, 0 for none: most tokens are for the same one as the token before. */
let lastHost: usize = 0;

/** The host record of a domain, 0 when there is none. */
export function findHost(domain: usize, length: u32): usize {
  if (lastHost && sameDomain(lastHost, domain, length)) return lastHost;
  const hash = hashOf(domain, length);
  let host = <usize>load<u32>(hostTable() + (hash & (CHAINS - 1)) * 4);
  while (host && !(load<u32>(host, HASH) == hash && sameDomain(host, domain, length))) host = load<u32>(host);
  lastHost = host;
  return host;
}

/** A new host without keys. It is not found before `linkHost`. 0: no memory. */
export function createHost(domain: usize, length: u32): usize {
  const host = alloc(hostBytes(length));
  if (!host) return 0;
  store<u32>(host, hashOf(domain, length), HASH);
  store<u32>(host, length, LENGTH);
  memory.copy(host + DOMAIN, domain, length);
  return host;
}

// One word of zeros always follows the domain, for sameDomain's last look.
@inline function hostBytes(length: u32): usize {
  return DOMAIN + ((length + 15) & ~7);
}

export function linkHost(host: usize): void {
  const chain = hostTable() + (load<u32>(host, HASH) & (CHAINS - 1)) * 4;
  store<u32>(host, load<u32>(chain));
  store<u32>(chain, <u32>host);
}

/** Takes a host out and wipes its keys. */
export function removeHost(host: usize): void {
  lastHost = 0;
  let link = hostTable() + (load<u32>(host, HASH) & (CHAINS - 1)) * 4;
  while (load<u32>(link) && <usize>load<u32>(link) != host) link = load<u32>(link);
  if (load<u32>(link)) store<u32>(link, load<u32>(host));

  for (let key = <usize>load<u32>(host, KEYS); key; ) {
    const next = <usize>load<u32>(key);
    free(key, KEY_RECORD);
    key = next;
  }
  free(host, hostBytes(load<u32>(host, LENGTH)));
}

/** Adds a key behind the ones that the host has. False: no memory. */
export function addKey(host: usize, seed: usize, seedLength: u32, secret: usize, secretLength: u32): bool {
  const key = alloc(KEY_RECORD);
  if (!key) return false;
  store<i64>(key, -1, CODES_STEP);
  setKey(algorithm, key + SEED, seed, seedLength);
  setKey(SHA_256, key + SECRET, secret, secretLength);
  let link = host + KEYS;
  while (load<u32>(link)) link = load<u32>(link);
  store<u32>(link, <u32>key);
  return true;
}

@inline export function firstKey(host: usize): usize {
  return load<u32>(host, KEYS);
}

@inline export function nextKey(key: usize): usize {
  return load<u32>(key);
}

/** Makes the codes of the window around `step` if they are not there. */
@inline export function freshenCodes(key: usize, step: i64): void {
  if (load<i64>(key, CODES_STEP) != step) makeCodes(key, step);
}

function makeCodes(key: usize, step: i64): void {
  let out = key + CODES;
  for (let s = step - past; s <= step + future; s++, out += CODE_BYTES) {
    // There is no step before the first, RFC 6238 §4.2.
    if (s < 0) voidCode(out);
    else hotp(algorithm, key + SEED, s, digits, out);
  }
  store<i64>(key, step, CODES_STEP);
}

/** The code of one step, ASCII, for issuing. */
export function writeCode(key: usize, step: i64, out: usize): void {
  hotp(algorithm, key + SEED, step, digits, out);
}

/**
 * Which steps of the window have this OTP: bit i for step `now - past + i`. All are compared,
 * without a branch.
 *
 * Reads 16 bytes at `otp`; those past the digits do not count.
 */
@inline export function matchingSteps(key: usize, otp: usize): u32 {
  const low = load<u64>(otp) & maskLow;
  const high = load<u64>(otp, 8) & maskHigh;
  const steps = <usize>(past + future) + 1;
  let hits: u32 = 0;
  for (let i: usize = 0; i < steps; i++) {
    const code = key + CODES + i * CODE_BYTES;
    const wrong = (load<u64>(code) ^ low) | (load<u64>(code, 8) ^ high);
    hits |= u32(wrong == 0) << <u32>i;
  }
  return hits;
}
