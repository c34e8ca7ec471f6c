import { bswap32x4 } from './bytes';
import { encode32, encodesTo, isCanonical, SIGNATURE_CHARS } from './base64';
import { foldLast, SHA_256 } from './hash';
import { OUTER } from './hmac';
import { formOf, JID_BAD, JID_UNPREPARED, localpartOf, scanJid } from './jid';
import { configureCodes, digits, findHost, firstKey, freshenCodes, matchingSteps, nextKey, past, SECRET, writeCode } from './keyring';
import { answers, digest, input, MARK_BYTES, marks, message, state } from './memory';
import { jointRow, KNOWN_BLOCK, knownBlock, lastRow, ONE_BLOCK, PREFIX, prepareKnownBlocks } from './message';
import { recall, remember } from './replay';
import { compressKnown, compressWords } from './sha256';
import { ACCEPTED, answer, ASK_PREPARED, BAD_SIGNATURE, MALFORMED, UNKNOWN_HOST, verdictOf, WRONG_OTP } from './verdict';

let minPrefix: u32 = 40;
let maxPrefix: u32 = 40;

/** Sets the form of tokens and the window. Before the first host. */
export function configureTokens(
  stepsPast: u32, stepsFuture: u32, codeDigits: u32, nonceMin: u32, nonceMax: u32, algorithm: i32,
): void {
  minPrefix = codeDigits + nonceMin;
  maxPrefix = codeDigits + nonceMax;
  prepareKnownBlocks();
  configureCodes(stepsPast, stepsFuture, codeDigits, algorithm);
}

/** Bytes of OTP and nonce in a token of `length` bytes. A token that is too short has very many. */
@inline export function prefixOf(length: u32): u32 {
  return length - <u32>SIGNATURE_CHARS - 1;
}

const ZEROS: usize = memory.data<u64>([0x3030303030303030, 0x3030303030303030], 16);
const NINES: usize = memory.data<u64>([0x0909090909090909, 0x0909090909090909], 16);

/** Whether all of the `length` bytes at `text` are ASCII digits. */
@inline function areDigits(text: usize, length: u32): bool {
  // The last sixteen overlap with those before; fewer than sixteen are looked at one by one.
  if (length < 16) return areFewDigits(text, length);
  let other = notDigits(text + length - 16);
  for (let end = text + length - 16; text < end; text += 16) other = v128.or(other, notDigits(text));
  return !v128.any_true(other);
}

function areFewDigits(text: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) if (<u32>load<u8>(text + i) - 0x30 > 9) return false;
  return true;
}

@inline function notDigits(text: usize): v128 {
  return i8x16.gt_u(i8x16.sub(v128.load(text), v128.load(ZEROS)), v128.load(NINES));
}

/**
 * The first key of the host that a token is for; or, where `isKey` says no, what stands against the
 * token: a verdict or ASK_PREPARED.
 *
 * The signature's form is looked at only once the token has failed: the MAC's own encoding is
 * canonical, so what equals it is too. `askPrepared`: a jid that preparation may change is answered
 * by ASK_PREPARED.
 */
export function findKey(token: usize, length: u32, jid: usize, jidLength: u32, askPrepared: bool): usize {
  const prefix = prefixOf(length);
  if (prefix - minPrefix > maxPrefix - minPrefix) return MALFORMED;
  if (load<u8>(token + prefix) != 0x20 || !areDigits(token, prefix)) return MALFORMED;

  const scanned = scanJid(jid, jidLength);
  if (formOf(scanned) == JID_BAD) return MALFORMED;
  if (formOf(scanned) == JID_UNPREPARED && askPrepared) return failure(ASK_PREPARED, token, prefix);

  const domain = jid + localpartOf(scanned) + 1;
  const domainLength = jidLength - localpartOf(scanned) - 1;
  const key = keyOfHost(domain, domainLength);
  // A host that is there is spelled as a prepared one is. Preparation may make another known.
  return key ? key : failure(unknownHost(domain, domainLength, askPrepared), token, prefix);
}

/** The first key of a domain, 0 when it has none. */
@inline function keyOfHost(domain: usize, length: u32): usize {
  const host = findHost(domain, length);
  return host ? firstKey(host) : 0;
}

/** Whether `findKey` has found a key: no record is at an address as low as a verdict. */
@inline export function isKey(found: usize): bool {
  return found > <usize>ASK_PREPARED;
}

/**
 * What stands against a jid whose domain is in no keyring: a second `@` or a resource, or just
 * that.
 */
function unknownHost(domain: usize, length: u32, askPrepared: bool): i32 {
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(domain + i);
    if (byte == 0x40 || byte == 0x2f) return MALFORMED;
  }
  return askPrepared ? ASK_PREPARED : UNKNOWN_HOST;
}

/** A verdict against a token, unless its signature is not even in the right form. */
@inline export function failure(verdict: i32, token: usize, prefix: u32): i32 {
  return isCanonical(token + prefix + 1) ? verdict : MALFORMED;
}

/**
 * Looks for the key that a token is signed with, from `key` on, the `index`th of its host. Returns
 * the answer in the low half and, in the high one, the steps of the window that have the token's
 * OTP, as bits.
 *
 * An answer with ACCEPTED leaves the MAC in `digest()` for the guard to be asked about; `verdict`
 * stands when no OTP matches.
 */
export function tryKeys(
  key: usize, index: i32, verdict: i32, token: usize, prefix: u32, jid: usize, jidLength: u32, step: i64,
): u64 {
  for (; key; key = nextKey(key), index++) {
    freshenCodes(key, step);
    const steps = matchingSteps(key, token);
    if (!steps) continue;
    writeMac(key, token, prefix, jid, jidLength);
    if (encodesTo(digest(), token + prefix + 1)) {
      return (<u64>steps << 32) | answer(ACCEPTED, index, steps);
    }
    verdict = BAD_SIGNATURE;
  }
  return failure(verdict, token, prefix);
}

/** Verifies one token and uses it up. */
export function verifyToken(token: usize, length: u32, jid: usize, jidLength: u32, step: i64, askPrepared: bool): i32 {
  const key = findKey(token, length, jid, jidLength, askPrepared);
  if (!isKey(key)) return <i32>key;
  const found = tryKeys(key, 0, WRONG_OTP, token, prefixOf(length), jid, jidLength, step);
  if (verdictOf(<i32>found) != ACCEPTED) return <i32>found;
  return <i32>found | decide(0, step, <u32>(found >> 32), load<u64>(digest()), load<u32>(digest(), 8));
}

/** Whether another guard decides: this one is asked what it knows, and told by `settle`. */
let defers: bool = false;

export function deferGuard(): void {
  defers = true;
}

/**
 * What the guard says to the `index`th token of a batch, whose MAC begins with `tag` and `pick`; or
 * leaves its mark.
 */
export function decide(index: u32, now: i64, steps: u32, tag: u64, pick: u32): i32 {
  if (!defers) return admit(now, steps, tag, pick);
  const mark = marks() + <usize>index * MARK_BYTES;
  store<u64>(mark, tag);
  store<u32>(mark, pick, 8);
  store<u32>(mark, steps, 12);
  let worst = ACCEPTED;
  for (let rest = steps; rest; rest &= rest - 1) {
    worst = max(worst, recall(now - past + ctz(rest), tag, pick));
  }
  return worst;
}

/** Remembers the `count` marks in the input, and leaves for each what `admit` says. */
export function settleMarks(count: u32, now: i64): void {
  for (let i: u32 = 0; i < count; i++) {
    const mark = input() + <usize>i * MARK_BYTES;
    const verdict = admit(now, load<u32>(mark, 12), load<u64>(mark), load<u32>(mark, 8));
    store<i32>(answers() + <usize>i * 4, verdict);
  }
}

/**
 * Asks the guard about a MAC in every step whose OTP its token has: one, but for a collision of two
 * steps' OTPs, and then none of them may take it again.
 */
function admit(now: i64, steps: u32, tag: u64, pick: u32): i32 {
  let worst = ACCEPTED;
  for (let rest = steps; rest; rest &= rest - 1) {
    worst = max(worst, remember(now - past + ctz(rest), tag, pick));
  }
  return worst;
}

/** HMAC-SHA-256 of prefix and jid under a key's token_secret, into `digest()`: RFC 2104 §2. */
function writeMac(key: usize, prefix: usize, prefixLength: u32, jid: usize, jidLength: u32): void {
  const inner = state();
  v128.store(inner, v128.load(key + SECRET));
  v128.store(inner, v128.load(key + SECRET, 16), 16);
  if (prefixLength == PREFIX && jidLength <= KNOWN_BLOCK) {
    absorbShort(inner, prefix, jid, jidLength);
  } else {
    absorb(inner, prefix, prefixLength, jid, jidLength);
  }

  const outer = digest();
  v128.store(outer, v128.load(key + SECRET + OUTER));
  v128.store(outer, v128.load(key + SECRET + OUTER, 16), 16);
  // The outer message is 64 bytes of key and 32 of digest, so its one block is half constant.
  compressWords(outer, v128.load(inner), v128.load(inner, 16), i32x4(0x80000000, 0, 0, 0), i32x4(0, 0, 0, 96 * 8));
  v128.store(outer, bswap32x4(v128.load(outer)));
  v128.store(outer, bswap32x4(v128.load(outer, 16)), 16);
}

/** The message in registers: most jids are this short. */
@inline function absorbShort(inner: usize, prefix: usize, jid: usize, jidLength: u32): void {
  compressWords(
    inner,
    bswap32x4(v128.load(prefix)), bswap32x4(v128.load(prefix, 16)),
    bswap32x4(jointRow(prefix, jid, jidLength)), bswap32x4(lastRow(jid, jidLength)),
  );
  if (jidLength > ONE_BLOCK) compressKnown(inner, knownBlock(jidLength));
}

/** The message of any length, laid out in memory. */
function absorb(inner: usize, prefix: usize, prefixLength: u32, jid: usize, jidLength: u32): void {
  const text = message();
  copy(text, prefix, prefixLength);
  copy(text + prefixLength, jid, jidLength);
  foldLast(SHA_256, inner, text, prefixLength + jidLength, 64);
}

/** Copies in steps of 16 bytes: reads and writes up to 15 bytes past the end. */
@inline function copy(to: usize, from: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

/**
 * Completes a token in place. At `input()`: room for the OTP, the nonce's digits, room for the
 * space and the signature, then the jid. Returns the verdict that stands against it, ACCEPTED when
 * the token is there.
 */
export function issueToken(nonceDigits: u32, jidLength: u32, step: i64, askPrepared: bool): i32 {
  const token = input();
  const prefix = <u32>digits + nonceDigits;
  const jid = token + prefix + 1 + SIGNATURE_CHARS;
  const scanned = scanJid(jid, jidLength);
  if (formOf(scanned) == JID_BAD) return MALFORMED;
  if (formOf(scanned) == JID_UNPREPARED && askPrepared) return ASK_PREPARED;
  const domain = jid + localpartOf(scanned) + 1;
  const domainLength = jidLength - localpartOf(scanned) - 1;
  const key = keyOfHost(domain, domainLength);
  if (!key) return unknownHost(domain, domainLength, askPrepared);

  // A code is written 16 bytes wide, so it goes by way of `message()`.
  writeCode(key, step, message());
  memory.copy(token, message(), <u32>digits);
  writeMac(key, token, prefix, jid, jidLength);
  encode32(digest(), message());
  store<u8>(token + prefix, 0x20);
  memory.copy(token + prefix + 1, message(), SIGNATURE_CHARS);
  return ACCEPTED;
}
