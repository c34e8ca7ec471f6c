/**
 * The core, instrumented to tell what it does: every function entered and left, every turn of a
 * loop, and the address of every load and store. Binaryen, which assemblyscript brings along, has
 * passes for both.
 *
 * Two runs with the same trace took the same path and touched the same memory in the same order.
 * What Wasm leaves to the engine and the processor does not show; the core has no division and no
 * table look-up on secret data besides.
 */
import binaryen from 'binaryen';
import { CORE_WASM_HEX } from '../../../src/wasm/core-bytes.js';
import type { CoreExports } from '../../../src/wasm/exports.js';

let compiled: WebAssembly.Module | undefined;

function tracedModule(): WebAssembly.Module {
  if (compiled === undefined) {
    const module = binaryen.readBinary(Buffer.from(CORE_WASM_HEX, 'hex'));
    module.setFeatures(binaryen.Features.All);
    module.runPasses(['instrument-memory', 'log-execution']);
    compiled = new WebAssembly.Module(new Uint8Array(module.emitBinary()));
    module.dispose();
  }
  return compiled;
}

export interface TracedCore {
  readonly calls: CoreExports;
  /** What the core did during a call, one line an event. */
  traceOf(call: () => void): string[];
}

export function tracedCore(): TracedCore {
  let events: string[] | undefined;
  const noteAddress =
    (kind: string) => (id: number, bytes: number, offset: number, address: number) => {
      events?.push(`${kind} ${id} ${bytes} ${offset} ${address}`);
      return address;
    };
  const hooks: Record<string, (...args: number[]) => unknown> = {
    load_ptr: noteAddress('load') as (...args: number[]) => unknown,
    store_ptr: noteAddress('store') as (...args: number[]) => unknown,
    log_execution: (place) => {
      events?.push(`at ${place}`);
    },
  };
  const env: Record<string, (...args: number[]) => unknown> = {};
  for (const { name } of WebAssembly.Module.imports(tracedModule())) {
    // The other hooks are handed a value, last, and have to give it back.
    env[name] = hooks[name] ?? ((...args) => args.at(-1));
  }
  const calls = new WebAssembly.Instance(tracedModule(), { env }).exports as unknown as CoreExports;
  return {
    calls,
    traceOf(call) {
      const noted: string[] = [];
      events = noted;
      try {
        call();
      } finally {
        events = undefined;
      }
      return noted;
    },
  };
}
