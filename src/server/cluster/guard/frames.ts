import {
  BASE64,
  type GuardAnswer,
  type GuardState,
  type ReplayMark,
} from '../../../guards/guard.js';

/*
 * The messages between a worker and the leader, which holds the guard. Each message is a frame:
 *
 *   'T' 'G' | version | kind | number u32 | bytes of the body u32 | body
 *
 * All numbers are little-endian. A worker numbers its questions. An answer carries the number of
 * its question.
 *
 *   remember   1 to 1024 marks of 48 bytes
 *                96 bits of the MAC | 4 bytes, zero | step, startsAtMs, expiresAtMs, keepUntilMs f64
 *   state?     no body
 *   answers    a byte for each mark, its index in `ANSWERS`
 *   state      entries, capacity, bytes, maxBytes f64; NaN where the guard does not know
 *   failed     why the question has no answer, in UTF-8
 */

export const KIND = { remember: 1, askState: 2, answers: 3, state: 4, failed: 5 } as const;

export const HEADER_BYTES = 12;
const VERSION = 1;
const MAC_BYTES = 12;
const ID_CHARS = 16;
const MARK_BYTES = 48;
/** The most marks in one frame: as many as the core takes at once. */
export const MAX_MARKS = 1024;
export const MAX_REASON_BYTES = 1024;
const MAX_BODY_BYTES = MAX_MARKS * MARK_BYTES;

const STATE_FIELDS = ['entries', 'capacity', 'bytes', 'maxBytes'] as const;
const STATE_BYTES = STATE_FIELDS.length * 8;

/** The answers. A frame holds their indices in this list. */
export const ANSWERS = [
  'fresh',
  'replayed',
  'stale',
  'unavailable',
] as const satisfies readonly GuardAnswer[];
export const UNAVAILABLE = ANSWERS.indexOf('unavailable');

/** Whether a frame of this kind can have a body of this length. */
function isLength(kind: number, bytes: number): boolean {
  switch (kind) {
    case KIND.remember:
      return bytes > 0 && bytes <= MAX_BODY_BYTES && bytes % MARK_BYTES === 0;
    case KIND.askState:
      return bytes === 0;
    case KIND.answers:
      return bytes > 0 && bytes <= MAX_MARKS;
    case KIND.state:
      return bytes === STATE_BYTES;
    case KIND.failed:
      return bytes <= MAX_REASON_BYTES;
    default:
      return false;
  }
}

/** The bytes that were read are not a frame. Nothing more may be read from the other side. */
export class GarbledFrame extends Error {}

export type OnFrame = (kind: number, number: number, body: Buffer) => void;

/** Cuts a stream of bytes into frames. The chunks may end anywhere. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** The beginning of a frame whose rest has not come yet. */
  readonly #held = Buffer.alloc(HEADER_BYTES + MAX_BODY_BYTES);
  #heldBytes = 0;

  /**
   * @param onFrame - Receives a body that is overwritten later. It must copy the bytes that it
   *   keeps.
   */
  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** Whether the last frame is incomplete. */
  get isWithinFrame(): boolean {
    return this.#heldBytes > 0;
  }

  /** @throws {GarbledFrame} */
  push(chunk: Buffer): void {
    let at = this.#heldBytes > 0 ? this.#complete(chunk) : 0;
    while (chunk.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bodyBytesAt(chunk, at);
      if (end > chunk.length) break;
      this.#give(chunk, at, end);
      at = end;
    }
    if (at < chunk.length) this.#heldBytes += chunk.copy(this.#held, this.#heldBytes, at);
  }

  /**
   * Completes the frame that is held.
   *
   * @returns How many bytes of the chunk it took.
   */
  #complete(chunk: Buffer): number {
    let at = this.#fill(chunk, 0, HEADER_BYTES);
    if (this.#heldBytes < HEADER_BYTES) return at;
    const wanted = HEADER_BYTES + bodyBytesAt(this.#held, 0);
    at = this.#fill(chunk, at, wanted);
    if (this.#heldBytes < wanted) return at;
    this.#heldBytes = 0;
    this.#give(this.#held, 0, wanted);
    return at;
  }

  #fill(chunk: Buffer, at: number, wanted: number): number {
    const end = Math.min(chunk.length, at + Math.max(0, wanted - this.#heldBytes));
    this.#heldBytes += chunk.copy(this.#held, this.#heldBytes, at, end);
    return end;
  }

  #give(bytes: Buffer, at: number, end: number): void {
    const body = bytes.subarray(at + HEADER_BYTES, end);
    this.#onFrame(bytes[at + 3] as number, bytes.readUInt32LE(at + 4), body);
  }
}

function bodyBytesAt(bytes: Buffer, at: number): number {
  const isOurs = bytes[at] === 0x54 && bytes[at + 1] === 0x47 && bytes[at + 2] === VERSION;
  const length = bytes.readUInt32LE(at + 8);
  if (!isOurs || !isLength(bytes[at + 3] as number, length)) throw new GarbledFrame();
  return length;
}

/** The marks of a frame. Reads them in place, without copying the frame. */
export class PackedMarks {
  readonly count: number;
  readonly #bytes: Buffer;

  constructor(body: Buffer) {
    this.#bytes = body;
    this.count = body.length / MARK_BYTES;
  }

  /** Copies the 12 bytes of a MAC. */
  copyMac(index: number, target: Uint8Array, at: number): void {
    const from = index * MARK_BYTES;
    for (let i = 0; i < MAC_BYTES; i++) target[at + i] = this.#bytes[from + i] as number;
  }

  /** The whole mark. Its id is text. */
  mark(index: number): ReplayMark {
    const at = index * MARK_BYTES;
    const id = this.#bytes.toString('base64', at, at + MAC_BYTES);
    return { id, ...this.moments(index) };
  }

  /** A mark without its id. */
  moments(index: number): Omit<ReplayMark, 'id'> {
    const at = index * MARK_BYTES + 16;
    return {
      step: this.#bytes.readDoubleLE(at),
      startsAtMs: this.#bytes.readDoubleLE(at + 8),
      expiresAtMs: this.#bytes.readDoubleLE(at + 16),
      keepUntilMs: this.#bytes.readDoubleLE(at + 24),
    };
  }
}

/** Collects frames that leave in one write. Its buffer is reused. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafeSlow(4096);
  #length = 0;
  /** Offset of the last frame. */
  #frame = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Begins a frame without a body. */
  begin(kind: number, number: number): void {
    this.#reserve(HEADER_BYTES);
    this.#frame = this.#length;
    const bytes = this.#bytes;
    bytes[this.#length] = 0x54;
    bytes[this.#length + 1] = 0x47;
    bytes[this.#length + 2] = VERSION;
    bytes[this.#length + 3] = kind;
    bytes.writeUInt32LE(number, this.#length + 4);
    this.#length += HEADER_BYTES;
    this.#writeLength();
  }

  /** Adds marks to the body of a `remember`. */
  addMarks(marks: readonly ReplayMark[]): void {
    this.#reserve(marks.length * MARK_BYTES);
    for (const mark of marks) this.#addMark(mark);
    this.#writeLength();
  }

  addAnswers(answers: Uint8Array): void {
    this.#reserve(answers.length);
    this.#bytes.set(answers, this.#length);
    this.#length += answers.length;
    this.#writeLength();
  }

  addReason(reason: string): void {
    this.#reserve(MAX_REASON_BYTES);
    this.#length += this.#bytes.write(reason, this.#length, MAX_REASON_BYTES);
    this.#writeLength();
  }

  addState(state: GuardState): void {
    this.#reserve(STATE_BYTES);
    for (const field of STATE_FIELDS) {
      this.#length = this.#bytes.writeDoubleLE(state[field] ?? Number.NaN, this.#length);
    }
    this.#writeLength();
  }

  /** Returns a copy of all frames, and starts anew. */
  take(): Buffer {
    const message = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return message;
  }

  #addMark({ id, step, startsAtMs, expiresAtMs, keepUntilMs }: ReplayMark): void {
    const bytes = this.#bytes;
    const at = this.#length;
    // An id that is not 96 bits gets the step NaN, and so the leader's answer `unavailable`.
    const isId = writeId(id, bytes, at);
    bytes.writeDoubleLE(isId ? step : Number.NaN, at + 16);
    bytes.writeDoubleLE(startsAtMs, at + 24);
    bytes.writeDoubleLE(expiresAtMs, at + 32);
    this.#length = bytes.writeDoubleLE(keepUntilMs, at + 40);
  }

  #writeLength(): void {
    this.#bytes.writeUInt32LE(this.#length - this.#frame - HEADER_BYTES, this.#frame + 8);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#length + bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** The value of each base64 character, RFC 4648 §4, table 1. 64 for all other ASCII characters. */
const VALUE_OF = new Uint8Array(128).fill(64);
for (let value = 0; value < 64; value++) VALUE_OF[BASE64.charCodeAt(value)] = value;

/**
 * Writes an id as 16 bytes of a frame. Does not use `Buffer.write`, which also accepts other
 * spellings of base64. Without it, writing a mark takes a fifth less time.
 *
 * @returns Whether the id is 96 bits in base64.
 */
function writeId(id: string, bytes: Buffer, at: number): boolean {
  if (id.length !== ID_CHARS) {
    bytes.fill(0, at, at + ID_CHARS);
    return false;
  }
  let to = at;
  let all = 0;
  for (let i = 0; i < ID_CHARS; i += 4) {
    let bits = 0;
    for (let j = i; j < i + 4; j++) {
      const value = VALUE_OF[id.charCodeAt(j)] ?? 64;
      all |= value;
      bits = (bits << 6) | (value & 63);
    }
    bytes[to++] = bits >>> 16;
    bytes[to++] = bits >>> 8;
    bytes[to++] = bits;
  }
  while (to < at + ID_CHARS) bytes[to++] = 0;
  return all < 64;
}

/** The state in a frame's body. */
export function stateOf(body: Buffer): GuardState {
  const known = STATE_FIELDS.map((field, i) => [field, body.readDoubleLE(i * 8)] as const);
  return Object.fromEntries(known.filter(([, value]) => !Number.isNaN(value)));
}
