import { VerifierError } from '../errors.js';
import { MAX_KEYS } from '../limits.js';
import { generationsOf } from '../token/engine.js';
import type { VerifierSettings } from '../token/options.js';
import { Core } from '../wasm/core.js';
import type { SharedCoreExports } from '../wasm/exports.js';
import type { MemoryRegion } from './messages.js';

const PAGE_BYTES = 65_536;
/** The most pages of a 32-bit memory. */
const MAX_PAGES = 65_536;
/** The fewest pages with which the module can be instantiated. */
const MIN_PAGES = 4;
/**
 * The size of a key's record on a thread's heap: KEY_RECORD of assembly/keyring.ts, rounded up to a
 * power of two.
 */
const KEY_RECORD_BYTES = 1024;
/**
 * A host's record has 64 to 2048 bytes, depending on its name. Freed memory is reused only for
 * records of the same size. With room for a record of each size for each host, hosts may come and
 * go in any order.
 */
const HOST_RECORDS_BYTES = 64 + 128 + 256 + 512 + 1024 + 2048;

/** The values that determine the size of a pool's memory. */
export interface SharedMemoryOptions {
  readonly threads: number;
  /** How many keys each thread has room for. */
  readonly maxKeys: number;
  readonly firstStep: number;
}

/** The memory of a pool and its layout: constants, a region for each thread, and the guard. */
export class SharedMemory {
  readonly memory: WebAssembly.Memory;
  /** One region for each thread. */
  readonly regions: readonly MemoryRegion[];
  readonly #guardBytes: number;
  readonly #settings: VerifierSettings;
  /** Reads the state of the guard. It has no region and verifies no tokens. */
  readonly #reader: Core<SharedCoreExports>;

  /** @throws {VerifierError} `ERR_MEMORY`. */
  constructor(
    module: WebAssembly.Module,
    settings: VerifierSettings,
    { threads, maxKeys, firstStep }: SharedMemoryOptions,
  ) {
    const probe = new Core<SharedCoreExports>(module, share(MIN_PAGES)).calls;
    const generations = generationsOf(settings);
    this.#settings = settings;
    const regionBytes = align(probe.regionBytes() + heapBytes(maxKeys));
    const starts = Array.from(
      { length: threads },
      (_, i) => probe.regionsStart() + i * regionBytes,
    );
    const guard = probe.regionsStart() + threads * regionBytes;
    this.regions = starts.map((start, thread) => ({
      thread,
      start,
      bytes: regionBytes,
      guard,
      firstStep,
    }));
    this.#guardBytes = probe.guardBytes(generations, settings.capacity);
    this.memory = reserve(guard + this.#guardBytes, settings.capacity, maxKeys);
    this.#reader = new Core<SharedCoreExports>(module, this.memory);
    this.#reader.calls.shareGuard(guard, generations, settings.capacity, firstStep);
  }

  /**
   * Prepares a region for a new thread, and opens a lock that the last thread held. Call it only
   * after the last thread has certainly stopped.
   */
  leave(region: MemoryRegion): void {
    this.#reader.calls.guardOpenAfter(region.thread, region.start);
    this.wipe(region, true);
  }

  /** Wipes the used part of a region, including keys. The guard stays. */
  wipe({ start, bytes }: MemoryRegion, isGone: boolean): void {
    this.#reader.calls.regionWipe(start, bytes, isGone);
  }

  get replay() {
    const { calls } = this.#reader;
    const generations = Array.from({ length: generationsOf(this.#settings) }, (_, i) => ({
      step: calls.guardStep(i),
      entries: calls.guardEntries(i),
    }));
    return {
      capacity: this.#settings.capacity,
      bytes: this.#guardBytes,
      generations: generations.filter(({ step }) => step >= 0).sort((a, b) => a.step - b.step),
    };
  }
}

/** Bytes for `maxKeys` keys, each of a different host, and for one host that replaces another. */
function heapBytes(maxKeys: number): number {
  return (maxKeys + MAX_KEYS) * KEY_RECORD_BYTES + (maxKeys + 1) * HOST_RECORDS_BYTES;
}

function reserve(bytes: number, capacity: number, maxKeys: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    if (pages <= MAX_PAGES) return share(pages);
  } catch {
    // The system does not have so much memory.
  }
  throw new VerifierError(
    'ERR_MEMORY',
    `no memory for a replay guard of ${capacity} tokens a step and threads with ${maxKeys} keys each; lower replay.capacity, maxKeys or threads`,
  );
}

function share(pages: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}
