/** The abilities of this runtime, as stated by the test that started it. */
export interface Here {
  /** Threads that share memory. */
  readonly hasThreads: boolean;
}

/**
 * One thing that the library must do in every runtime. `run` throws an error with the reason if it
 * does not.
 */
export interface Case {
  readonly name: string;
  run(here: Here): void | Promise<void>;
}

/** Fails unless both have the same parts. Arrays of bytes are compared by their contents. */
export function equal(got: unknown, expected: unknown, what = ''): void {
  const [gotText, expectedText] = [show(got), show(expected)];
  if (gotText !== expectedText)
    throw new Error(`${what}${what && ': '}expected ${expectedText}, got ${gotText}`);
}

/** Fails unless `attempt` throws, or rejects with, an error that has these fields. */
export async function throws(
  attempt: () => unknown,
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  let thrown: unknown;
  try {
    await attempt();
  } catch (error) {
    thrown = error;
  }
  if (thrown === undefined) throw new Error('nothing was thrown');
  const fields = thrown as Readonly<Record<string, unknown>>;
  for (const [field, value] of Object.entries(expected)) equal(fields[field], value, field);
}

/**
 * A text that two values share when they are alike: the keys in order, whole numbers with their
 * type.
 */
function show(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (part === undefined) return 'undefined';
    if (part instanceof Uint8Array || part instanceof Int32Array) return [...part];
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Bytes of hexadecimal text. */
export const hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
