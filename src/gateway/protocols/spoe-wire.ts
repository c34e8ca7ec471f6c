import { writeUtf8 } from '../../text/utf8.js';

/** Status codes of a DISCONNECT frame that this agent sends: SPOE.txt §3.5. */
export const SPOE_STATUS = {
  normal: 0,
  timeout: 2,
  frameTooBig: 3,
  invalidFrame: 4,
  noVersion: 5,
  noMaxFrameSize: 6,
  noCapabilities: 7,
  unsupportedVersion: 8,
  badMaxFrameSize: 9,
  fragmented: 10,
} as const;
export type SpoeStatus = (typeof SPOE_STATUS)[keyof typeof SPOE_STATUS];

/** Thrown when a peer breaks the protocol. Only the session catches it. */
export class SpoeFault extends Error {
  readonly status: SpoeStatus;

  constructor(status: SpoeStatus) {
    super(`SPOP status ${status}`);
    this.status = status;
  }
}

/** Types of data: SPOE.txt §3.1. */
export const DATA_TYPE = {
  null: 0,
  boolean: 1,
  int32: 2,
  uint32: 3,
  int64: 4,
  uint64: 5,
  ipv4: 6,
  ipv6: 7,
  string: 8,
  binary: 9,
} as const;

/** Smaller numbers take one byte: the "Peers encoding" of SPOE.txt §3.1. */
const ONE_BYTE = 240;
/** A number of 64 bits takes 10 bytes: 4 bits in the first, 7 in each other. */
const MOST_VARINT_BYTES = 10;
/** The flag of a boolean, above its type. */
const TRUE_FLAG = 0x10;
const TYPE_MASK = 0x0f;

// `ignoreBOM` keeps a byte order mark. Otherwise two different texts would decode to the same
// string.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes bytes as UTF-8. Invalid bytes become U+FFFD, which no valid name or token contains. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** The value of a typed datum. Bytes are a view of the frame. */
export type Datum = null | boolean | number | Uint8Array;

/** Reads a frame from start to end. Every read past its end throws a {@link SpoeFault}. */
export class SpoeReader {
  readonly bytes: Uint8Array;
  at: number;
  /** The type of the datum that was read last, see {@link DATA_TYPE}. */
  type = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new SpoeFault(SPOE_STATUS.invalidFrame);
    return byte;
  }

  /** A number up to 2^64 - 1. Numbers above 2^53 are rounded. */
  varint(): number {
    let value = this.byte();
    if (value < ONE_BYTE) return value;
    let weight = 16;
    for (let i = 1; i < MOST_VARINT_BYTES; i++) {
      const byte = this.byte();
      value += byte * weight;
      if (byte < 128) {
        if (value >= 2 ** 64) break;
        return value;
      }
      weight *= 128;
    }
    throw new SpoeFault(SPOE_STATUS.invalidFrame);
  }

  /** Takes `length` bytes, as a view of the frame. */
  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new SpoeFault(SPOE_STATUS.invalidFrame);
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  /** Reads a length and that many bytes. */
  string(): Uint8Array {
    return this.take(this.varint());
  }

  /** Reads a type and its value. An unknown type is a fault, because its length is not known. */
  datum(): Datum {
    const head = this.byte();
    this.type = head & TYPE_MASK;
    switch (this.type) {
      case DATA_TYPE.null:
        return null;
      case DATA_TYPE.boolean:
        return (head & TRUE_FLAG) !== 0;
      case DATA_TYPE.int32:
      case DATA_TYPE.uint32:
      case DATA_TYPE.int64:
      case DATA_TYPE.uint64:
        return this.varint();
      case DATA_TYPE.ipv4:
        return this.take(4);
      case DATA_TYPE.ipv6:
        return this.take(16);
      case DATA_TYPE.string:
      case DATA_TYPE.binary:
        return this.string();
      default:
        throw new SpoeFault(SPOE_STATUS.invalidFrame);
    }
  }
}

/** The most UTF-8 bytes for one UTF-16 unit. */
const MAX_BYTES_A_CHAR = 3;
const LENGTH_BYTES = 4;

/** Writes frames one after the other into a buffer that grows. */
export class SpoeWriter {
  #bytes = new Uint8Array(512);
  #at = 0;
  #frameStart = 0;

  /** How many bytes the frames have so far. */
  get length(): number {
    return this.#at;
  }

  /** Returns the frames, and gives up their buffer. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#bytes = new Uint8Array(512);
    this.#at = 0;
    return taken;
  }

  /**
   * Begins a frame that is not fragmented: SPOE.txt §3.2.
   *
   * @param ids - Its two ids, as bytes.
   */
  begin(type: number, ids: Uint8Array): this {
    this.#frameStart = this.#at;
    const room = this.#room(LENGTH_BYTES + 5);
    // `end` writes the length. FIN is the only flag.
    room.set([0, 0, 0, 0, type, 0, 0, 0, 1], this.#at);
    this.#at += LENGTH_BYTES + 5;
    return this.raw(ids);
  }

  /**
   * Ends the frame. Discards it if it is longer than `maxBytes`.
   *
   * @returns Whether the frame was kept.
   */
  end(maxBytes: number): boolean {
    const length = this.#at - this.#frameStart - LENGTH_BYTES;
    if (length > maxBytes) {
      this.#at = this.#frameStart;
      return false;
    }
    for (let i = 0; i < LENGTH_BYTES; i++)
      this.#bytes[this.#frameStart + i] = length >>> (8 * (LENGTH_BYTES - 1 - i));
    return true;
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length).set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  byte(value: number): this {
    this.#room(1)[this.#at++] = value;
    return this;
  }

  /** @param value - A whole number below 2^32. */
  varint(value: number): this {
    if (value < ONE_BYTE) return this.byte(value);
    this.byte(ONE_BYTE | (value & 0x0f));
    let rest = Math.floor((value - ONE_BYTE) / 16);
    for (; rest >= 128; rest = (rest - 128) >>> 7) this.byte(128 | (rest & 127));
    return this.byte(rest);
  }

  /** Writes a length and the UTF-8 of a text. */
  string(text: string): this {
    const most = text.length * MAX_BYTES_A_CHAR;
    const room = this.#room(most + MOST_VARINT_BYTES);
    const plain = this.#at + 1;
    const length = writeUtf8(text, room.subarray(plain, plain + most));
    this.varint(length);
    // A length of more than one byte has overwritten the beginning of the text.
    if (length >= ONE_BYTE) writeUtf8(text, room.subarray(this.#at, this.#at + most));
    this.#at += length;
    return this;
  }

  /** Writes a typed string. */
  text(text: string): this {
    return this.byte(DATA_TYPE.string).string(text);
  }

  /** Writes a typed unsigned 32-bit number. */
  uint32(value: number): this {
    return this.byte(DATA_TYPE.uint32).varint(value);
  }

  #room(bytes: number): Uint8Array {
    const least = this.#at + bytes;
    if (least > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(least, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}
