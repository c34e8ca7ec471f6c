import { isBytes, lengthOf, viewOf } from '../text/utf8.js';

/**
 * Jids or tokens as they can be handed to a thread. What is neither text nor bytes, and may be nothing that can be
 * cloned, is `null` there: as malformed as it is. So is what is longer than any that could be good, before it is copied. Bytes are
 * copied, for the whole buffer that they are in would go along.
 *
 * @param most - UTF-16 units or bytes.
 */
export function textsOf(values: readonly unknown[], most: number): (string | Uint8Array | null)[] {
  return values.map((value) => {
    if (typeof value === 'string') return value.length <= most ? value : null;
    if (!isBytes(value)) return null;
    const length = lengthOf.call(value);
    // Without length: perhaps bytes whose buffer was transferred, which cannot be copied.
    return length > 0 && length <= most ? new Uint8Array(viewOf(value)) : null;
  });
}
