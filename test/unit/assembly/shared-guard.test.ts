/**
 * The guard that threads share: two cores over one memory, run by turns, with stamps written by
 * hand where only an unlucky moment would make them so. The layout is that of assembly/generations.ts.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { CORE_SHARED_WASM_HEX } from '../../../src/wasm/core-shared-bytes.js';
import type { SharedCoreExports } from '../../../src/wasm/exports.js';

const STEP = 57_333_600;
const GENERATIONS = 3;
const CAPACITY = 1000;
const BUCKETS = Math.ceil((CAPACITY * 14) / 64);
const [HEADS, HEAD_BYTES, BUCKET_BYTES] = [128, 64, 64];
const [LOCKED, ABANDONED] = [8n, 1n << 63n];
/** Where a thread's region says which bucket it locked last: HOLDING of assembly/memory.ts. */
const HOLDING = 0x1c00;
const [ACCEPTED, REPLAYED, STALE, UNAVAILABLE] = [0, 5, 6, 7];

const module = new WebAssembly.Module(Buffer.from(CORE_SHARED_WASM_HEX, 'hex'));
const held = (thread: number) => LOCKED | (BigInt(thread) << 57n);
const stampOf = (step: number, entries: number) => (BigInt(step + 1) << 4n) | BigInt(entries);

class SharedGuard {
  readonly memory: WebAssembly.Memory;
  readonly #threads: ReadonlyMap<number, { calls: SharedCoreExports; region: number }>;
  readonly #guard: number;

  constructor(...threads: readonly number[]) {
    this.memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true });
    const made = threads.map((thread) => {
      const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
      return [thread, exports as unknown as SharedCoreExports] as const;
    });
    const probe = made[0]![1];
    const bytes = probe.regionBytes() + 4096;
    const regionOf = (i: number) => probe.regionsStart() + i * bytes;
    this.#guard = regionOf(threads.length);
    this.#threads = new Map(
      made.map(([thread, calls], i) => {
        calls.shareRegion(regionOf(i), bytes, thread);
        calls.shareGuard(this.#guard, GENERATIONS, CAPACITY, 0);
        calls.configure(1, 1, 8, 32, 32, 1);
        return [thread, { calls, region: regionOf(i) }] as const;
      }),
    );
  }

  /** What a thread says of a MAC: its first 64 bits, and the next 32, which pick the bucket. */
  ask(thread: number, tag: bigint, { step = STEP, pick = 0 } = {}): number {
    const { calls } = this.#threads.get(thread)!;
    const mark = new DataView(this.memory.buffer, calls.inputAddress(), 16);
    mark.setBigUint64(0, tag, true);
    mark.setUint32(8, pick, true);
    // The window's second step: the one that it is.
    mark.setUint32(12, 2, true);
    calls.guardSettle(1, step);
    return new DataView(this.memory.buffer).getInt32(calls.answersAddress(), true);
  }

  /** What the pool calls once a thread has stopped. */
  openAfter(thread: number): boolean {
    const { calls, region } = this.#threads.get(thread)!;
    return calls.guardOpenAfter(thread, region) !== 0;
  }

  /** Stamp and tags of the bucket that `pick` picks. */
  bucket({ step = STEP, pick = 0 } = {}): BigUint64Array {
    const index = (step % GENERATIONS) * BUCKETS + Math.floor((pick * BUCKETS) / 2 ** 32);
    const at = this.#guard + HEADS + GENERATIONS * HEAD_BYTES + index * BUCKET_BYTES;
    return new BigUint64Array(this.memory.buffer, at, 8);
  }

  /** Step and entries of a generation. */
  head(step = STEP): BigUint64Array {
    const at = this.#guard + HEADS + (step % GENERATIONS) * HEAD_BYTES;
    return new BigUint64Array(this.memory.buffer, at, 2);
  }

  /** Where a thread was when it ended. */
  holding(thread: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, this.#threads.get(thread)!.region + HOLDING, 1);
  }
}

let guard: SharedGuard;
beforeEach(() => {
  guard = new SharedGuard(0, 1);
});

it('two cores accept a token once together, and keep steps and picks apart', () => {
  expect([0, 1, 0].map((thread) => guard.ask(thread, 1n))).toEqual([ACCEPTED, REPLAYED, REPLAYED]);
  expect([1, 0].map((thread) => guard.ask(thread, 1n, { step: STEP + 1 }))).toEqual([
    ACCEPTED,
    REPLAYED,
  ]);
  expect(guard.ask(1, 2n)).toBe(ACCEPTED);
  expect([...guard.bucket().subarray(0, 3)]).toEqual([stampOf(STEP, 2), 1n, 2n]);
  expect(guard.bucket({ pick: 2 ** 32 - 1 })[0]).toBe(0n);
});

it('a verification leaves no lock behind, whatever its verdict', () => {
  for (let tag = 1n; tag <= 20n; tag++) guard.ask(Number(tag & 1n), tag);
  for (let tag = 1n; tag <= 20n; tag++) expect(guard.ask(0, tag)).toBe(REPLAYED);
  guard.ask(0, 1n, { step: STEP + GENERATIONS });
  guard.ask(1, 1n);
  for (let pick = 0; pick < 2 ** 32; pick += Math.ceil(2 ** 32 / BUCKETS)) {
    for (const step of [STEP, STEP + 1, STEP + 2])
      expect(guard.bucket({ step, pick })[0]! & LOCKED).toBe(0n);
  }
});

describe('a lock that stays closed', () => {
  beforeEach(() => {
    guard.ask(1, 1n);
    guard.bucket()[0]! |= held(1);
  });

  it('is given up, and makes its bucket, and no other, answer unavailable, in later steps too', () => {
    expect(guard.ask(0, 2n)).toBe(UNAVAILABLE);
    expect(guard.bucket()[0]).toBe(stampOf(STEP, 1) | held(1) | ABANDONED);
    expect(guard.ask(0, 1n)).toBe(UNAVAILABLE);
    expect(guard.ask(0, 2n, { pick: 2 ** 31 })).toBe(ACCEPTED);
    expect(guard.ask(0, 2n, { step: STEP + 1 })).toBe(ACCEPTED);
    expect(guard.ask(0, 3n, { step: STEP + GENERATIONS })).toBe(UNAVAILABLE);
  });

  for (const entries of [1, 2]) {
    it(`opens when its holder lives after all and ${entries === 1 ? 'changes nothing' : 'adds its entry'}`, () => {
      expect(guard.ask(0, 2n)).toBe(UNAVAILABLE);
      guard.bucket()[2] = 2n;
      guard.bucket()[0] = stampOf(STEP, entries);
      expect(guard.ask(0, 1n)).toBe(REPLAYED);
      expect(guard.ask(0, 2n)).toBe(entries === 1 ? ACCEPTED : REPLAYED);
    });
  }

  for (const isAbandoned of [false, true]) {
    it(`opens when its holder has ended, ${isAbandoned ? 'after' : 'before'} it was given up`, () => {
      // It was about to add an entry, which nobody was told of.
      guard.bucket()[2] = 2n;
      if (isAbandoned) expect(guard.ask(0, 2n)).toBe(UNAVAILABLE);
      expect(guard.openAfter(1)).toBe(true);
      expect(guard.bucket()[0]).toBe(stampOf(STEP, 1));
      expect([1n, 2n, 2n].map((tag) => guard.ask(0, tag))).toEqual([REPLAYED, ACCEPTED, REPLAYED]);
      expect(guard.openAfter(1)).toBe(false);
    });
  }

  it('does not change when another thread has ended, also one that waited for it', () => {
    const stamp = guard.bucket()[0];
    expect(guard.openAfter(0)).toBe(false);
    guard.holding(0)[0] = guard.bucket().byteOffset;
    expect(guard.openAfter(0)).toBe(false);
    expect(guard.bucket()[0]).toBe(stamp);
  });
});

it('is not opened for a thread that held no lock', () => {
  expect(guard.openAfter(0)).toBe(false);
  guard.ask(0, 1n);
  expect(guard.holding(0)[0]).toBe(guard.bucket().byteOffset);
  expect(guard.openAfter(0)).toBe(false);
  expect(guard.bucket()[0]).toBe(stampOf(STEP, 1));
});

describe('a thread that is late with an old step', () => {
  const later = STEP + GENERATIONS;

  it('sees that its generation was taken over', () => {
    expect(guard.ask(0, 1n, { step: later })).toBe(ACCEPTED);
    expect([1n, 2n].map((tag) => guard.ask(1, tag))).toEqual([STALE, STALE]);
    expect(guard.ask(0, 1n, { step: later })).toBe(REPLAYED);
  });

  it('sees that its bucket was taken over after it looked at the generation', () => {
    expect(guard.ask(0, 1n, { step: later })).toBe(ACCEPTED);
    guard.head()[0] = BigInt(STEP + 1);
    expect(guard.ask(1, 2n)).toBe(STALE);
    // And opened it again.
    expect(guard.bucket()[0]).toBe(stampOf(later, 1));
  });

  it('gets no room when a later step already has it', () => {
    guard.head()[0] = BigInt(STEP + 1);
    const entries = (BigInt(later + 1) << 32n) | 7n;
    guard.head()[1] = entries;
    expect(guard.ask(1, 1n)).toBe(UNAVAILABLE);
    expect(guard.head()[1]).toBe(entries);
    expect(guard.bucket()[0]).toBe(0n);
  });

  it('does not use the room left in one step for the next', () => {
    guard.ask(1, 1n);
    const part = guard.head()[1]! & 0xffffffffn;
    expect(part).toBeGreaterThan(1n);
    guard.ask(1, 1n, { step: later });
    expect(guard.head()[1]).toBe((BigInt(later + 1) << 32n) | part);
  });
});

it('a stamp keeps threads and steps apart, up to the last thread and the last step but one', () => {
  guard = new SharedGuard(63, 62);
  const last = Number.MAX_SAFE_INTEGER;
  expect([63, 62].map((thread) => guard.ask(thread, 1n, { step: last - 1 }))).toEqual([
    ACCEPTED,
    REPLAYED,
  ]);
  const bucket = guard.bucket({ step: last - 1 });
  expect(bucket[0]).toBe(stampOf(last - 1, 1));
  bucket[0]! |= held(63);
  guard.holding(62)[0] = bucket.byteOffset;
  expect([guard.openAfter(62), guard.openAfter(63)]).toEqual([false, true]);
  expect(guard.ask(62, 1n, { step: last - 1 })).toBe(REPLAYED);
  expect([63, 62].map((thread) => guard.ask(thread, 1n, { step: last }))).toEqual([STALE, STALE]);
});
