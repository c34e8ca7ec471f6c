/**
 * Jids or tokens as they can be handed to a thread. What is neither text nor bytes, and may be nothing that can be
 * cloned, is `null` there: as malformed as it is. Bytes are copied, for the whole buffer that they are in would go along.
 */
export function textsOf(
  values: readonly unknown[],
  from: number,
  to: number,
): (string | Uint8Array | null)[] {
  return values.slice(from, to).map((value) => {
    if (typeof value === 'string') return value;
    const isBytes = ArrayBuffer.isView(value) && value instanceof Uint8Array;
    // Without length: perhaps bytes whose buffer was transferred, which cannot be copied.
    return isBytes && value.length > 0 ? new Uint8Array(value) : null;
  });
}
