/** One field of a protobuf message, by its wire type. */
export type Field =
  | { readonly number: number; readonly varint: bigint }
  | { readonly number: number; readonly bytes: Uint8Array }
  /** Eight or four bytes, a kind that no message here uses. */
  | { readonly number: number };

/** https://protobuf.dev/programming-guides/encoding/ */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
/** A varint holds seven bits in each byte, and at most 64 bits. */
const MAX_VARINT_BYTES = 10;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;

/**
 * Reads all fields of a message, in order and with duplicates. Bytes are views of `message`.
 *
 * @returns Null if it is not a protobuf message, or if it has groups, which protobuf has
 *   deprecated.
 */
export function fieldsOf(message: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  let at = 0;

  /**
   * Reads the varint at `at` and moves `at` behind it. Undefined if it has no end or is too long.
   */
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = message[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return value <= MAX_UINT64 ? value : undefined;
    }
    return undefined;
  };

  while (at < message.length) {
    const tag = varint();
    if (tag === undefined) return null;
    const wire = Number(tag & 7n);
    const number = Number(tag >> 3n);
    if (number < 1 || number > MAX_FIELD_NUMBER) return null;
    if (wire === WIRE.varint) {
      const value = varint();
      if (value === undefined) return null;
      fields.push({ number, varint: value });
      continue;
    }
    const length = wire === WIRE.bytes ? varint() : FIXED.get(wire);
    if (length === undefined || length > message.length - at) return null;
    const bytes = message.subarray(at, at + Number(length));
    at += bytes.length;
    fields.push(wire === WIRE.bytes ? { number, bytes } : { number });
  }
  return fields;
}

const FIXED: ReadonlyMap<number, bigint> = new Map([
  [WIRE.fixed64, 8n],
  [WIRE.fixed32, 4n],
]);
