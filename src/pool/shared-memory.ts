import { VerifierError } from '../errors.js';
import { MAX_KEYS } from '../limits.js';
import { generationsOf } from '../token/engine.js';
import type { VerifierSettings } from '../token/options.js';
import { Core } from '../wasm/core.js';
import type { SharedCoreExports } from '../wasm/exports.js';
import type { MemoryRegion } from './messages.js';

const PAGE_BYTES = 65_536;
/** The most that a 32-bit memory has. */
const MAX_PAGES = 65_536;
/** Pages that the module asks for to be instantiated at all. */
const MIN_PAGES = 4;
/**
 * A key's record on a thread's heap: KEY_RECORD of assembly/keyring.ts, in the next power of two.
 */
const KEY_RECORD_BYTES = 1024;
/**
 * A host's record is 64 to 2048 bytes, as long as its name asks, and what one left is used for
 * others of its size alone. With a record of each size for each host, hosts may come and go in any
 * order.
 */
const HOST_RECORDS_BYTES = 64 + 128 + 256 + 512 + 1024 + 2048;

/** What decides about the size of a pool's memory. */
export interface SharedMemoryOptions {
  readonly threads: number;
  /** Keys that each thread has room for. */
  readonly maxKeys: number;
  readonly firstStep: number;
}

/** The memory of a pool, and where in it everything is: constants, a region a thread, the guard. */
export class SharedMemory {
  readonly memory: WebAssembly.Memory;
  /** One for each thread. */
  readonly regions: readonly MemoryRegion[];
  readonly #guardBytes: number;
  readonly #settings: VerifierSettings;
  /** Reads the guard's heads; it has no region of its own and verifies nothing. */
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
   * Makes a region ready for another thread, and opens a lock that the last one held; once that has
   * surely stopped.
   */
  leave(region: MemoryRegion): void {
    this.#reader.calls.guardOpenAfter(region.thread, region.start);
    this.wipe(region, true);
  }

  /** Wipes what was used of a region, keys among it. The guard stays. */
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

/** Room for `maxKeys` keys, each of a host of its own, and for one host that replaces another. */
function heapBytes(maxKeys: number): number {
  return (maxKeys + MAX_KEYS) * KEY_RECORD_BYTES + (maxKeys + 1) * HOST_RECORDS_BYTES;
}

function reserve(bytes: number, capacity: number, maxKeys: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    if (pages <= MAX_PAGES) return share(pages);
  } catch {
    // More than the system gives.
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
