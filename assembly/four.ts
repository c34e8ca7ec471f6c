import { bswap32x4 } from './bytes';
import { OUTER } from './hmac';
import { SECRET } from './keyring';
import { BLOCK4, gatherStates, STATE4, storeWords } from './lanes';
import { lanes } from './memory';
import { jointRow, knownBlock, lastRow, PREFIX, secondLastRow, secondRow, TABLES_BYTES } from './message';
import { K } from './sha256';
import { compress4 } from './sha256x4';

/**
 * HMAC-SHA-256 of four tokens at once: RFC 2104 §2, each lane with a key, a token and a jid of its
 * own.
 */

// Under lanes(), after the known blocks:  chaining values | words of a block | sixteen zero words
const STATE: usize = TABLES_BYTES;
const WORDS: usize = STATE + STATE4;
const ZEROS: usize = WORDS + BLOCK4;
/** Bytes of a lane's MAC. */
const MAC: usize = 32;
/** First byte after them. */
export const FOUR_BYTES: usize = ZEROS + BLOCK4;

/** One token of four: addresses and the jid's length. */
@unmanaged export class Lane {
  token: usize;
  jid: usize;
  jidLength: u32;
  key: usize;
}

/**
 * Takes the four MACs. Every jid is of one class: `blocks` is 1 or 2, `known`: they are of one
 * length, 16 to 23 bytes.
 */
export function macFour(a: Lane, b: Lane, c: Lane, d: Lane, blocks: u32, known: bool): void {
  const state = lanes() + STATE;
  const w = lanes() + WORDS;

  storeWords(w, v128.load(a.token), v128.load(b.token), v128.load(c.token), v128.load(d.token));
  storeWords(w + 64, v128.load(a.token, 16), v128.load(b.token, 16), v128.load(c.token, 16), v128.load(d.token, 16));
  storeWords(w + 128, joint(a), joint(b), joint(c), joint(d));
  storeWords(w + 192, last(a), last(b), last(c), last(d));
  gatherStates(state, a.key + SECRET, b.key + SECRET, c.key + SECRET, d.key + SECRET);
  compress4(state, w, K, 1, 3);

  if (known) {
    compress4(state, lanes() + ZEROS, knownBlock(a.jidLength), 4, 0);
  } else if (blocks == 2) {
    secondWords(w, a, b, c, d);
    compress4(state, w, K, 1, 3);
  }

  // The outer message is the inner digest, words 0 to 7, and constant padding for 64 + 32 bytes.
  for (let i: usize = 0; i < STATE4; i += 16) v128.store(w + i, v128.load(state + i));
  v128.store(w, i32x4.splat(0x80000000), 128);
  for (let i: usize = 144; i < 240; i += 16) v128.store(w + i, i32x4.splat(0));
  v128.store(w, i32x4.splat(96 * 8), 240);
  const outer = SECRET + OUTER;
  gatherStates(state, a.key + outer, b.key + outer, c.key + outer, d.key + outer);
  compress4(state, w, K, 1, 3);

  storeMacs(state);
}

/** The MACs lane by lane, big-endian bytes, over the words. */
@inline function storeMacs(state: usize): void {
  const macs = lanes() + WORDS;
  storeColumns(macs, v128.load(state), v128.load(state, 16), v128.load(state, 32), v128.load(state, 48));
  storeColumns(macs + 16, v128.load(state, 64), v128.load(state, 80), v128.load(state, 96), v128.load(state, 112));
}

/** Four words of each lane, to where its MAC is. */
@inline function storeColumns(at: usize, w0: v128, w1: v128, w2: v128, w3: v128): void {
  const low01 = v128.shuffle<u32>(w0, w1, 0, 4, 1, 5);
  const low23 = v128.shuffle<u32>(w2, w3, 0, 4, 1, 5);
  const high01 = v128.shuffle<u32>(w0, w1, 2, 6, 3, 7);
  const high23 = v128.shuffle<u32>(w2, w3, 2, 6, 3, 7);
  v128.store(at, bswap32x4(v128.shuffle<u64>(low01, low23, 0, 2)));
  v128.store(at, bswap32x4(v128.shuffle<u64>(low01, low23, 1, 3)), MAC);
  v128.store(at, bswap32x4(v128.shuffle<u64>(high01, high23, 0, 2)), 2 * MAC);
  v128.store(at, bswap32x4(v128.shuffle<u64>(high01, high23, 1, 3)), 3 * MAC);
}

function secondWords(w: usize, a: Lane, b: Lane, c: Lane, d: Lane): void {
  for (let i: u32 = 0; i < 3; i++) {
    storeWords(w + i * 64, second(a, i), second(b, i), second(c, i), second(d, i));
  }
  storeWords(w + 192, secondLast(a), secondLast(b), secondLast(c), secondLast(d));
}

@inline function joint(lane: Lane): v128 {
  return jointRow(lane.token, lane.jid, lane.jidLength);
}
@inline function last(lane: Lane): v128 {
  return lastRow(lane.jid, lane.jidLength);
}
@inline function second(lane: Lane, row: u32): v128 {
  return secondRow(lane.jid, lane.jidLength, row);
}
@inline function secondLast(lane: Lane): v128 {
  return secondLastRow(lane.jid, lane.jidLength);
}

/** Where the MAC of lane `i` is. */
@inline export function macOf(i: u32): usize {
  return lanes() + WORDS + <usize>i * MAC;
}
