/**
 * The core for threads, changed so that it stops before each atomic operation. A test then decides
 * which thread goes on, and needs no thread: Binaryen's Asyncify puts a call's stack into the memory
 * and takes it up again.
 *
 * The operations themselves are those of the build. Only the wait for a lock is left out, as if its
 * time were always up.
 */
import binaryen from 'binaryen';
import { CORE_SHARED_WASM_HEX } from '../../../src/wasm/core-shared-bytes.js';
import type { SharedCoreExports } from '../../../src/wasm/exports.js';

/** What a thread is about to do when it stops. */
export type Stop = 'looks at a lock' | 'works';

/** What Asyncify adds: https://github.com/WebAssembly/binaryen, src/passes/Asyncify.cpp. */
interface AsyncifyExports {
  asyncify_start_unwind(at: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(at: number): void;
  asyncify_stop_rewind(): void;
}

/** Bytes for the stack of a call that has stopped. */
export const STACK_BYTES = 1024;
const MEMORY = /^ *\(import "env" "memory"/;
const ATOMIC = /^ *(i64\.atomic\.\S+)$/;
/** How `enter` of assembly/locks.ts begins: a look at the stamp, for its bit LOCKED. */
const LOOK = /^ *i64\.atomic\.load\n *local\.tee \$\d+\n *i64\.const 8\n *i64\.and\n *i64\.eqz$/;

/** What a test calls. Without the rest, Binaryen has less to change. */
const EXPORTS: readonly (keyof SharedCoreExports)[] = [
  ...(['memory', 'configure', 'inputAddress', 'answersAddress', 'guardSettle'] as const),
  ...(['regionsStart', 'regionBytes', 'shareRegion', 'regionWipe'] as const),
  ...(['shareGuard', 'guardBytes', 'guardOpenAfter'] as const),
];

let compiled: WebAssembly.Module | undefined;

function steppedModule(): WebAssembly.Module {
  if (compiled !== undefined) return compiled;
  const core = binaryen.readBinary(Buffer.from(CORE_SHARED_WASM_HEX, 'hex'));
  core.setFeatures(binaryen.Features.All);
  for (const name of exportsOf(core))
    if (!EXPORTS.includes(name as keyof SharedCoreExports)) core.removeExport(name);
  core.runPasses(['remove-unused-module-elements']);
  const stepped = binaryen.parseText(withStops(core.emitStackIR()));
  stepped.setFeatures(binaryen.Features.All);
  binaryen.setPassArgument('asyncify-imports', 'env.stop');
  stepped.runPasses(['asyncify']);
  binaryen.clearPassArguments();
  compiled = new WebAssembly.Module(new Uint8Array(stepped.emitBinary()));
  for (const module of [core, stepped]) module.dispose();
  return compiled;
}

/** A call stands before each atomic operation, with what the operation works on below it. */
function withStops(text: string): string {
  const lines = text.split('\n');
  let looks = 0;
  const changed = lines.flatMap((line, i) => {
    if (MEMORY.test(line)) return [line, '(import "env" "stop" (func $stop (param i32)))'];
    if (line.trim() === 'memory.atomic.wait32') return ['drop drop drop', 'i32.const 2'];
    if (!ATOMIC.test(line)) return [line];
    const isLook = LOOK.test(lines.slice(i, i + 5).join('\n'));
    if (isLook) looks++;
    return [`i32.const ${Number(isLook)}`, 'call $stop', line];
  });
  if (looks === 0) throw new Error('the compiler writes `enter` in another way: see LOOK');
  return changed.join('\n');
}

const exportsOf = (module: binaryen.Module): string[] =>
  Array.from(
    { length: module.getNumExports() },
    (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)).name,
  );

/** One thread's instance of the core. Its calls run through but for those of `begin` and `resume`. */
export class SteppedCore {
  readonly calls: SharedCoreExports & AsyncifyExports;
  readonly #memory: WebAssembly.Memory;
  readonly #stackAt: number;
  #mode: 'runs' | 'rewinds' | 'stops' | 'gives up' = 'runs';
  #givesUp = false;
  #stop: Stop | undefined;

  /** @param stackAt - Where in the memory `STACK_BYTES` are for it alone. */
  constructor(memory: WebAssembly.Memory, stackAt: number) {
    this.#memory = memory;
    this.#stackAt = stackAt;
    const env = { memory, stop: (isLook: number) => this.#reach(isLook === 1) };
    const { exports } = new WebAssembly.Instance(steppedModule(), { env });
    this.calls = exports as unknown as SharedCoreExports & AsyncifyExports;
  }

  /** Begins a call. @returns Where it stops; undefined if it is over. */
  begin(call: () => void): Stop | undefined {
    this.#mode = 'stops';
    return this.#run(call);
  }

  /**
   * Goes on with a call, given as it was begun, to its next stop.
   *
   * @param givesUp - It looks at a closed lock until its patience ends.
   */
  resume(call: () => void, givesUp = false): Stop | undefined {
    this.#givesUp = givesUp;
    this.#mode = 'rewinds';
    this.calls.asyncify_start_rewind(this.#stackAt);
    return this.#run(call);
  }

  #run(call: () => void): Stop | undefined {
    this.#stop = undefined;
    call();
    if (this.#stop !== undefined) this.calls.asyncify_stop_unwind();
    this.#mode = 'runs';
    return this.#stop;
  }

  #reach(isLook: boolean): void {
    if (this.#mode === 'runs' || (this.#mode === 'gives up' && isLook)) return;
    if (this.#mode === 'rewinds') {
      this.calls.asyncify_stop_rewind();
      this.#mode = this.#givesUp ? 'gives up' : 'stops';
      return;
    }
    this.#stop = isLook ? 'looks at a lock' : 'works';
    const stack = new Uint32Array(this.#memory.buffer, this.#stackAt, 2);
    stack.set([this.#stackAt + 8, this.#stackAt + STACK_BYTES]);
    this.calls.asyncify_start_unwind(this.#stackAt);
  }
}
