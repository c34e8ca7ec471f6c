import {
  DATA_TYPE,
  type Datum,
  SPOE_STATUS,
  SpoeFault,
  SpoeReader,
  type SpoeStatus,
  type SpoeWriter,
  textOf,
} from './spoe-wire.js';

/** Types of frames: SPOE.txt §3.2.2. */
export const FRAME = {
  unset: 0,
  haproxyHello: 1,
  haproxyDisconnect: 2,
  notify: 3,
  agentHello: 101,
  agentDisconnect: 102,
  ack: 103,
} as const;

/** The frame size that both sides must support, in bytes: SPOE.txt §3.2. */
export const LEAST_FRAME_BYTES = 256;
/** The largest frame that is accepted, in bytes. HAProxy's default is 16380: its buffer minus 4. */
export const MOST_FRAME_BYTES = 64 * 1024;

const LENGTH_BYTES = 4;
/** The smallest frame: a type, flags, and two ids of at least one byte each. */
const LEAST_FRAME = 7;
const FIN = 1;
/** The ids of a frame that belongs to no stream. */
const NO_IDS = Uint8Array.of(0, 0);
const NO_BYTES = new Uint8Array(0);

/**
 * Cuts a peer's input into frames, without their length fields. The input may arrive in any pieces.
 */
export class FrameCutter {
  /** A longer frame is a fault. */
  maxBytes = MOST_FRAME_BYTES;
  #input: Uint8Array = NO_BYTES;
  #at = 0;
  /**
   * A frame that has come only in part: its length field, its bytes, and how many of each have
   * come.
   */
  readonly #head = new Uint8Array(LENGTH_BYTES);
  #headBytes = 0;
  #body: Uint8Array | undefined;
  #bodyBytes = 0;

  push(bytes: Uint8Array): void {
    const left = this.#input.length - this.#at;
    if (left > 0) {
      const both = new Uint8Array(left + bytes.length);
      both.set(this.#input.subarray(this.#at));
      both.set(bytes, left);
      this.#input = both;
    } else {
      this.#input = bytes;
    }
    this.#at = 0;
  }

  /** How many frames were taken so far. */
  count = 0;

  /** Whether only a part of the next frame has come. Valid after `next` has returned undefined. */
  get hasPart(): boolean {
    return this.#headBytes > 0;
  }

  /**
   * Takes the next frame. Undefined until all of it has come.
   *
   * @throws {SpoeFault} The length of the frame is out of bounds.
   */
  next(): Uint8Array | undefined {
    const input = this.#input;
    if (this.#headBytes === 0 && input.length - this.#at >= LENGTH_BYTES) {
      const start = this.#at + LENGTH_BYTES;
      const end = start + this.#lengthIn(input, this.#at);
      if (end <= input.length) {
        this.#at = end;
        this.count++;
        return input.subarray(start, end);
      }
    }
    return this.#gather();
  }

  /** Joins a frame that came in parts. Memory is allocated once its length is known. */
  #gather(): Uint8Array | undefined {
    this.#headBytes += this.#moveTo(this.#head, this.#headBytes);
    if (this.#headBytes < LENGTH_BYTES) return undefined;
    this.#body ??= new Uint8Array(this.#lengthIn(this.#head, 0));
    this.#bodyBytes += this.#moveTo(this.#body, this.#bodyBytes);
    if (this.#bodyBytes < this.#body.length) return undefined;
    const whole = this.#body;
    this.count++;
    this.#headBytes = 0;
    this.#bodyBytes = 0;
    this.#body = undefined;
    return whole;
  }

  #moveTo(target: Uint8Array, filled: number): number {
    const part = this.#input.subarray(this.#at, this.#at + target.length - filled);
    target.set(part, filled);
    this.#at += part.length;
    return part.length;
  }

  #lengthIn(bytes: Uint8Array, at: number): number {
    const length =
      bytes[at]! * 2 ** 24 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (length > this.maxBytes) throw new SpoeFault(SPOE_STATUS.frameTooBig);
    if (length < LEAST_FRAME) throw new SpoeFault(SPOE_STATUS.invalidFrame);
    return length;
  }
}

/** A frame, read up to its payload. */
export interface Frame {
  readonly type: number;
  /** Stream id and frame id, as they came. They are sent back unchanged. */
  readonly ids: Uint8Array;
  /** A reader at the start of the payload. */
  readonly payload: SpoeReader;
}

/**
 * Reads a frame's metadata.
 *
 * @throws {SpoeFault} The frame ends too early, or is a fragment. This agent does not announce
 *   support for fragments.
 */
export function readFrame(bytes: Uint8Array): Frame {
  const payload = new SpoeReader(bytes);
  const type = payload.byte();
  const flags = payload.take(4);
  const start = payload.at;
  payload.varint();
  payload.varint();
  if (type === FRAME.unset || (flags[3]! & FIN) === 0) throw new SpoeFault(SPOE_STATUS.fragmented);
  return { type, ids: bytes.subarray(start, payload.at), payload };
}

/** The contents of a HAPROXY-HELLO. */
export interface Hello {
  /** The largest frame that both sides take, in bytes. */
  readonly maxFrameBytes: number;
  readonly isHealthcheck: boolean;
}

/**
 * Reads a HAPROXY-HELLO: SPOE.txt §3.2.4.
 *
 * @throws {SpoeFault} Its status names the part that is missing or not supported.
 */
export function readHello({ ids, payload }: Frame): Hello {
  if (ids[0] !== 0 || ids[1] !== 0) throw new SpoeFault(SPOE_STATUS.invalidFrame);
  let versions: string | undefined;
  let maxFrameBytes: number | undefined;
  let hasCapabilities = false;
  let isHealthcheck = false;
  while (!payload.isAtEnd) {
    const name = textOf(payload.string());
    const value = payload.datum();
    if (name === 'supported-versions') versions = textIn(value, payload.type);
    else if (name === 'max-frame-size') maxFrameBytes = numberIn(value);
    else if (name === 'capabilities') hasCapabilities = textIn(value, payload.type) !== undefined;
    else if (name === 'healthcheck') isHealthcheck = value === true;
  }
  if (versions === undefined) throw new SpoeFault(SPOE_STATUS.noVersion);
  if (maxFrameBytes === undefined) throw new SpoeFault(SPOE_STATUS.noMaxFrameSize);
  if (!hasCapabilities) throw new SpoeFault(SPOE_STATUS.noCapabilities);
  // A version includes all earlier minor versions, so any 2.x includes 2.0.
  if (!versions.split(',').some((version) => /^\s*2\.\d+\s*$/.test(version)))
    throw new SpoeFault(SPOE_STATUS.unsupportedVersion);
  if (maxFrameBytes < LEAST_FRAME_BYTES) throw new SpoeFault(SPOE_STATUS.badMaxFrameSize);
  if (payload.bytes.length > maxFrameBytes) throw new SpoeFault(SPOE_STATUS.frameTooBig);
  return { maxFrameBytes: Math.min(maxFrameBytes, MOST_FRAME_BYTES), isHealthcheck };
}

function textIn(value: Datum, type: number): string | undefined {
  if (type !== DATA_TYPE.string) throw new SpoeFault(SPOE_STATUS.invalidFrame);
  return textOf(value as Uint8Array);
}

function numberIn(value: Datum): number {
  if (typeof value !== 'number') throw new SpoeFault(SPOE_STATUS.invalidFrame);
  return value;
}

/**
 * Writes the AGENT-HELLO: SPOE.txt §3.2.5.
 *
 * With `pipelining`, HAProxy may send a question before the earlier ones are answered. `async` is
 * not offered: HAProxy 3.1 has dropped it. Without it, an answer stays on the connection of its
 * question.
 */
export function writeHello(writer: SpoeWriter, maxFrameBytes: number): void {
  writer
    .begin(FRAME.agentHello, NO_IDS)
    .string('version')
    .text('2.0')
    .string('max-frame-size')
    .uint32(maxFrameBytes)
    .string('capabilities')
    .text('pipelining')
    .end(LEAST_FRAME_BYTES);
}

/**
 * The texts of a DISCONNECT frame. They name the broken rule, and never why credentials were
 * refused.
 */
const WORDS: Readonly<Record<SpoeStatus, string>> = {
  [SPOE_STATUS.normal]: 'normal',
  [SPOE_STATUS.timeout]: 'a timeout occurred',
  [SPOE_STATUS.frameTooBig]: 'frame is too big',
  [SPOE_STATUS.invalidFrame]: 'invalid frame received',
  [SPOE_STATUS.noVersion]: 'version value not found',
  [SPOE_STATUS.noMaxFrameSize]: 'max-frame-size value not found',
  [SPOE_STATUS.noCapabilities]: 'capabilities value not found',
  [SPOE_STATUS.unsupportedVersion]: 'unsupported version',
  [SPOE_STATUS.badMaxFrameSize]: 'max-frame-size too big or too small',
  [SPOE_STATUS.fragmented]: 'payload fragmentation is not supported',
};

/** Writes the AGENT-DISCONNECT: SPOE.txt §3.2.9. */
export function writeDisconnect(writer: SpoeWriter, status: SpoeStatus): void {
  writer
    .begin(FRAME.agentDisconnect, NO_IDS)
    .string('status-code')
    .uint32(status)
    .string('message')
    .text(WORDS[status])
    .end(LEAST_FRAME_BYTES);
}
