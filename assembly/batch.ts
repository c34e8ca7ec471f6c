import { encodesTo } from './base64';
import { FOUR_BYTES, Lane, macFour, macOf } from './four';
import { freshenCodes, matchingSteps, nextKey, past } from './keyring';
import { answers, BATCH, digest, input, lanes, message, records } from './memory';
import { KNOWN_BLOCK, ONE_BLOCK, PREFIX, TWO_BLOCKS } from './message';
import { listBuckets } from './replay';
import { decide, failure, findKey, isKey, prefixOf, tryKeys } from './token';
import { ACCEPTED, answer, ASK_PREPARED, BAD_SIGNATURE, keyIndexOf, MALFORMED, verdictOf, WRONG_OTP } from './verdict';

/**
 * Many tokens: parsed one by one, their MACs taken four at a time, the guard asked last and in
 * order.
 *
 * Tokens wait in queues by the shape of their MAC's message until four of a kind are there. Whose
 * key each has does not matter. Because the guard is asked in the order of the input, of a token
 * that stands twice the first is accepted; because all its buckets are touched before, their cache
 * misses overlap.
 */
@unmanaged class Record extends Lane {
  /** Bits of the window's steps that have the token's OTP. */
  steps: u32;
  /** First bytes of the MAC: the guard's tag, and what picks the bucket. */
  pick: u32;
  tag: u64;
}
const RECORD: usize = 32;

/**
 * Not verdicts: the MAC is still to be taken; the MAC is right and the guard is still to be asked.
 */
const WAITING: i32 = 254;
const SIGNED: i32 = 255;

/**
 * Queue 0: jids of up to 15 bytes. 1 to 8: of 16 to 23 bytes, each length its own. 9: of 24 to 79
 * bytes.
 */
const QUEUES: u32 = 10;
const LONG: u32 = 9;
/** One queue: how many wait, then up to four indices. */
const QUEUE: usize = 32;

@inline function queueAt(kind: u32): usize {
  return lanes() + FOUR_BYTES + <usize>kind * QUEUE;
}

@inline function record(index: u32): Record {
  return changetype<Record>(records() + <usize>index * RECORD);
}

@inline function setAnswer(index: u32, value: i32): void {
  store<i32>(answers() + <usize>index * 4, value);
}

@inline function getAnswer(index: u32): i32 {
  return load<i32>(answers() + <usize>index * 4);
}

let count: u32 = 0;
let now: i64 = 0;
let ask: bool = false;

export function beginBatch(step: i64, askPrepared: bool): void {
  count = 0;
  now = step;
  ask = askPrepared;
}

@inline export function batchCount(): u32 {
  return count;
}

@inline export function batchIsFull(): bool {
  return count == BATCH;
}

/** Puts an answer that needs no look at the token. */
export function addAnswer(value: i32): void {
  setAnswer(count++, value);
}

/**
 * Takes the next token in. False: its jid has to be prepared by the host before anything after it
 * is looked at, and the batch ends before this token.
 */
export function addToken(token: usize, length: u32, jid: usize, jidLength: u32): bool {
  let key = findKey(token, length, jid, jidLength, ask);
  if (!isKey(key)) {
    if (key == ASK_PREPARED) return false;
    addAnswer(<i32>key);
    return true;
  }
  const prefix = prefixOf(length);
  for (let index = 0; key; key = nextKey(key), index++) {
    freshenCodes(key, now);
    const steps = matchingSteps(key, token);
    if (!steps) continue;
    take(token, prefix, jid, jidLength, key, index, steps);
    return true;
  }
  addAnswer(failure(WRONG_OTP, token, prefix));
  return true;
}

@inline function take(
  token: usize, prefix: u32, jid: usize, jidLength: u32, key: usize, index: i32, steps: u32,
): void {
  const entry = record(count);
  entry.token = token;
  entry.jid = jid;
  entry.jidLength = jidLength;
  entry.key = key;
  entry.steps = steps;
  setAnswer(count, answer(WAITING, index, steps));

  if (prefix != PREFIX || jidLength > TWO_BLOCKS) {
    signAlone(count, key, index, WRONG_OTP, prefix);
  } else {
    enqueue(jidLength <= ONE_BLOCK ? 0 : jidLength <= KNOWN_BLOCK ? jidLength - ONE_BLOCK : LONG, count);
  }
  count++;
}

@inline function enqueue(kind: u32, index: u32): void {
  const queue = queueAt(kind);
  const waiting = load<u32>(queue);
  store<u32>(queue + <usize>waiting * 4, index, 4);
  if (waiting == 3) {
    store<u32>(queue, 0);
    signFour(queue, kind, 4);
  } else {
    store<u32>(queue, waiting + 1);
  }
}

/**
 * Takes the MACs of the `used` tokens of a queue in four lanes; the last stands in for those that
 * are missing.
 */
function signFour(queue: usize, kind: u32, used: u32): void {
  const last = record(load<u32>(queue + <usize>used * 4));
  const a = record(load<u32>(queue, 4));
  const b = record(load<u32>(queue, 8));
  const c = used > 2 ? record(load<u32>(queue, 12)) : last;
  const d = used > 3 ? record(load<u32>(queue, 16)) : last;
  macFour(a, b, c, d, kind ? 2 : 1, kind != 0 && kind != LONG);
  for (let i: u32 = 0; i < used; i++) {
    const index = load<u32>(queue + <usize>i * 4, 4);
    const entry = record(index);
    const waiting = getAnswer(index);
    const mac = macOf(i);
    if (encodesTo(mac, entry.token + PREFIX + 1)) {
      setSigned(index, entry, waiting, mac);
    } else {
      // Another key of the host may have the same OTP: keys that share a seed while the secret is
      // rotated.
      signAlone(index, nextKey(entry.key), keyIndexOf(waiting) + 1, BAD_SIGNATURE, PREFIX);
    }
  }
}

/** Verifies one of the batch by itself, with the keys from `key` on. */
function signAlone(index: u32, key: usize, keyIndex: i32, verdict: i32, prefix: u32): void {
  const entry = record(index);
  const found = tryKeys(key, keyIndex, verdict, entry.token, prefix, entry.jid, entry.jidLength, now);
  if (verdictOf(<i32>found) != ACCEPTED) {
    setAnswer(index, <i32>found);
    return;
  }
  entry.steps = <u32>(found >> 32);
  setSigned(index, entry, <i32>found, digest());
}

/** Notes that the MAC is right, and what the guard has to know of it. */
@inline function setSigned(index: u32, entry: Record, found: i32, mac: usize): void {
  entry.tag = load<u64>(mac);
  entry.pick = load<u32>(mac, 8);
  setAnswer(index, found | SIGNED);
}

/**
 * Answers what still waits, asks the guard about every token that is signed right, and leaves the
 * answers.
 */
export function endBatch(): void {
  drain(0);
  // Long messages and those with a constant block are of one kind once their constants are not made
  // use of.
  const long = queueAt(LONG);
  for (let kind: u32 = 1; kind < LONG; kind++) {
    const queue = queueAt(kind);
    const waiting = load<u32>(queue);
    store<u32>(queue, 0);
    for (let i: u32 = 0; i < waiting; i++) enqueue(LONG, load<u32>(queue + <usize>i * 4, 4));
  }
  drain(LONG);
  touchAll();
  for (let i: u32 = 0; i < count; i++) {
    const signed = getAnswer(i);
    if (verdictOf(signed) != SIGNED) continue;
    const entry = record(i);
    setAnswer(i, (signed & ~0xff) | decide(i, now, entry.steps, entry.tag, entry.pick));
  }
}

/** Three in four lanes take less time than three alone; one or two do not. */
function drain(kind: u32): void {
  const queue = queueAt(kind);
  const waiting = load<u32>(queue);
  store<u32>(queue, 0);
  if (waiting == 3) {
    signFour(queue, kind, 3);
    return;
  }
  for (let i: u32 = 0; i < waiting; i++) {
    const index = load<u32>(queue + <usize>i * 4, 4);
    signAlone(index, record(index).key, keyIndexOf(getAnswer(index)), WRONG_OTP, PREFIX);
  }
}

/** Bytes of addresses that `touchAll` gathers before it loads from them: 256 buckets. */
const LISTED: usize = 1024;

/**
 * Brings the guard's buckets in. Their addresses are listed first: a processor looks some hundred
 * instructions ahead, and a bucket that takes it only three lets dozens of misses overlap.
 */
function touchAll(): void {
  const list = message();
  let end = list;
  for (let i: u32 = 0; i < count; i++) {
    if (verdictOf(getAnswer(i)) != SIGNED) continue;
    const entry = record(i);
    end = listBuckets(now - past + (31 - clz(entry.steps)), entry.pick, end);
    if (end < list + LISTED) continue;
    loadFrom(list, end);
    end = list;
  }
  loadFrom(list, end);
}

/** Loads from each of the addresses that are listed. */
function loadFrom(list: usize, end: usize): void {
  let seen: u64 = 0;
  for (; list < end; list += 4) seen |= load<u64>(load<u32>(list));
  // A result that is stored is a load that is made.
  store<u64>(digest(), seen);
}

/**
 * `tokens` tokens of `length` bytes each stand back to back in the input, then their jids with LF
 * between them.
 *
 * False, and nothing done, when there are more LF than that: one is inside a jid and would give the
 * next token to another jid than its own.
 */
export function batchOfJoined(tokens: u32, length: u32, end: usize): bool {
  let token = input();
  let jid = token + <usize>(tokens * length);
  if (countLf(jid, end) != tokens - 1) return false;
  for (let i: u32 = 0; i < tokens; i++, token += length) {
    const stop = i + 1 < tokens ? findByte(jid, end, 0x0a) : end;
    if (!addToken(token, length, jid, <u32>(stop - jid))) break;
    jid = stop + 1;
  }
  return true;
}

function countLf(at: usize, end: usize): u32 {
  let count: u32 = 0;
  for (; at + 16 <= end; at += 16) count += popcnt(lfMarks(at));
  return count + popcnt(lfMarks(at) & ((1 << <u32>(end - at)) - 1));
}

@inline function lfMarks(at: usize): u32 {
  return i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)));
}

/** First place from `at` on with this byte, `end` when there is none before it. */
@inline function findByte(at: usize, end: usize, byte: i8): usize {
  for (; at < end; at += 16) {
    const marks = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(byte)));
    if (marks) return min(at + ctz(marks), end);
  }
  return end;
}

/** The TAB or LF that comes first, `end` when neither does. */
@inline function findTabOrLf(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const marks = i8x16.bitmask(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x09)), i8x16.eq(bytes, i8x16.splat(0x0a))),
    );
    if (marks) return min(at + ctz(marks), end);
  }
  return end;
}

/** Where `batchOfLines` has the bytes of the lines that it took, above their number. */
const TAKEN_SHIFT: u32 = 11;

/**
 * Lines `jid TAB token LF` in the input, CR before LF allowed, the last LF too. Stops after BATCH
 * lines or before one whose jid has to be prepared. Returns how many it took, and in the bits from
 * TAKEN_SHIFT on how many bytes they had.
 */
export function batchOfLines(end: usize): u32 {
  let line = input();
  while (line < end && !batchIsFull()) {
    const tab = findTabOrLf(line, end);
    let stop = tab;
    let whole = true;
    if (tab < end && load<u8>(tab) == 0x09) {
      stop = findByte(tab + 1, end, 0x0a);
      const last = stop > tab + 1 && load<u8>(stop - 1) == 0x0d ? stop - 1 : stop;
      whole = addToken(tab + 1, <u32>(last - tab - 1), line, <u32>(tab - line));
    } else {
      addAnswer(MALFORMED);
    }
    if (!whole) break;
    line = min(stop + 1, end);
  }
  return count | (<u32>(line - input()) << TAKEN_SHIFT);
}
