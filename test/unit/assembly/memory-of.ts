/**
 * The memory of the core behind an object that does not show it.
 *
 * Every core is made by `new WebAssembly.Instance`, in the loader; while `make` runs, that
 * constructor notes what it makes.
 */
export async function memoryOf<T>(
  make: () => T | Promise<T>,
): Promise<{ made: T; memory: WebAssembly.Memory }> {
  const { Instance } = WebAssembly;
  const memories: WebAssembly.Memory[] = [];
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args: [WebAssembly.Module, WebAssembly.Imports]) {
      const instance = new target(...args);
      memories.push(instance.exports.memory as WebAssembly.Memory);
      return instance;
    },
  });
  try {
    const made = await make();
    if (memories.length !== 1) throw new Error(`${memories.length} cores were made`);
    return { made, memory: memories[0]! };
  } finally {
    WebAssembly.Instance = Instance;
  }
}

/** All of it now, as a copy. */
export function contentsOf(memory: WebAssembly.Memory): Buffer {
  return Buffer.from(new Uint8Array(memory.buffer).slice());
}
