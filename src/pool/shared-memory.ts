import { generationsOf, noGuardMemory } from '../token/engine.js';
import type { VerifierSettings } from '../token/options.js';
import { Core } from '../wasm/core.js';
import type { SharedCoreExports } from '../wasm/exports.js';
import type { Place } from './messages.js';

const PAGE_BYTES = 65_536;
/** The most that a 32-bit memory has. */
const MAX_PAGES = 65_536;
/** Pages that the module asks for to be instantiated at all. */
const MIN_PAGES = 4;
/** A host and a key take 1.5 KiB of a thread's heap; replacing a host needs room for both at once. */
const HEAP_BYTES_A_KEY = 4096;
const MIN_HEAP_BYTES = 1 << 20;

/** The memory of a pool, and where in it everything is: constants, a region a thread, the guard. */
export class SharedMemory {
  readonly memory: WebAssembly.Memory;
  /** Regions that no thread has. */
  readonly #free: number[];
  readonly #regionBytes: number;
  readonly #guard: number;
  readonly #guardBytes: number;
  readonly #settings: VerifierSettings;
  /** Reads the guard's heads; it has no region of its own and verifies nothing. */
  readonly #reader: Core<SharedCoreExports>;

  /** @throws {VerifierError} `ERR_MEMORY`. */
  constructor(module: WebAssembly.Module, settings: VerifierSettings, threads: number, firstStep: number) {
    const probe = new Core<SharedCoreExports>(module, share(MIN_PAGES)).calls;
    const keys = Object.values(settings.hosts).flat().length;
    const generations = generationsOf(settings);
    this.#settings = settings;
    this.#regionBytes = align(probe.regionBytes() + MIN_HEAP_BYTES + keys * HEAP_BYTES_A_KEY);
    const regions = Array.from(
      { length: threads + 2 },
      (_, i) => probe.regionsStart() + i * this.#regionBytes,
    );
    this.#guard = regions.pop() as number;
    this.#free = regions;
    this.#guardBytes = probe.guardBytes(generations, settings.capacity);
    const pages = Math.ceil((this.#guard + this.#guardBytes) / PAGE_BYTES);
    if (pages > MAX_PAGES) throw noGuardMemory(settings.capacity);
    try {
      this.memory = share(pages);
    } catch {
      throw noGuardMemory(settings.capacity);
    }
    this.#reader = new Core<SharedCoreExports>(module, this.memory);
    this.#reader.calls.shareGuard(this.#guard, generations, settings.capacity, firstStep);
  }

  /** A place that no thread is at. There is one more than threads, see `leave`. */
  take(firstStep: number): Place {
    const region = this.#free.shift();
    if (region === undefined) throw new Error('more threads than places');
    return { region, regionBytes: this.#regionBytes, guard: this.#guard, firstStep };
  }

  /**
   * Gives the place of a dead thread back and wipes its keys. It is the last to be taken again: a thread that is being
   * stopped may still be writing there.
   */
  leave(place: Place): void {
    this.wipe(place);
    this.#free.push(place.region);
  }

  /** Wipes what is in a region, keys among it. The guard stays. */
  wipe({ region, regionBytes }: Place): void {
    new Uint8Array(this.memory.buffer, region, regionBytes).fill(0);
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

function share(pages: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}
