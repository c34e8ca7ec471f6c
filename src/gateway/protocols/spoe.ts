import {
  FRAME,
  type Frame,
  FrameCutter,
  LEAST_FRAME_BYTES,
  readFrame,
  readHello,
  writeDisconnect,
  writeHello,
} from './spoe-frames.js';
import { readQuestion, type SpoeAnswer, type SpoeQuestion, writeActions } from './spoe-question.js';
import { SPOE_STATUS, SpoeFault, type SpoeStatus, SpoeWriter } from './spoe-wire.js';

/** What a session needs of the world. */
export interface SpoeOptions {
  /**
   * Answers questions that came together, in their order. Must not throw; a promise that fails is a
   * question that nobody could answer.
   */
  readonly answer: (
    questions: readonly SpoeQuestion[],
  ) => readonly (SpoeAnswer | Promise<SpoeAnswer>)[];
  /** A question was answered: by the HTTP status, 503 where nothing could be set. */
  readonly answered?: ((status: number) => void) | undefined;
  /** A NOTIFY came without a question, or with several: nothing is set, and nobody gets in. */
  readonly unreadable?: (() => void) | undefined;
  /** Sends bytes. False: HAProxy reads too slowly, and nothing is verified until `release`. */
  readonly send: (bytes: Uint8Array) => unknown;
  /** Called when the session begins to want input, or no longer wants any for now. */
  readonly read?: (isWanted: boolean) => void;
  /** Ends the connection after what was sent. @param isFault - The peer broke the protocol. */
  readonly close: (isFault: boolean) => void;
}

/**
 * Questions of one connection that are verified at a time; input waits while there are as many.
 * HAProxy has 20 on their way by default (`max-waiting-frames`).
 */
export const MAX_QUESTIONS = 256;

/**
 * The agent's side of the Stream Processing Offload Protocol 2.0, for HAProxy: bytes in, bytes out.
 * HAProxy's `doc/SPOE.txt` §3 describes it.
 *
 * - Each NOTIFY has exactly one ACK on the same connection, in any order (`pipelining`). One that
 *   asks nothing is acknowledged without actions.
 * - The questions of one piece of input are answered together, and what is known at once is sent in
 *   one piece.
 * - When as many questions are verified as may be, further input waits; it is neither refused nor
 *   lost.
 * - A peer that breaks the protocol gets an AGENT-DISCONNECT with the status that the protocol has
 *   for its fault, and no other answer.
 * - `drain` answers what was asked, and ends with the status `normal`. What HAProxy sends meanwhile
 *   is not looked at, so no token in it is used up.
 */
export class SpoeSession {
  readonly #options: SpoeOptions;
  readonly #frames = new FrameCutter();
  readonly #out = new SpoeWriter();
  /** The largest frame that HAProxy takes; undefined before its HELLO. */
  #maxFrameBytes: number | undefined;
  /** Questions that are verified. */
  #underWay = 0;
  #isWanted = true;
  /** HAProxy reads too slowly. */
  #isHeld = false;
  /** Nothing more is taken; the connection ends with the last answer. */
  #isDraining = false;
  #isOver = false;
  /** Promises that were kept together are sent together. */
  #isFlushPlanned = false;

  constructor(options: SpoeOptions) {
    this.#options = options;
  }

  /** Whether HAProxy has said HELLO. */
  get isClient(): boolean {
    return this.#maxFrameBytes !== undefined;
  }

  /** The number of the frame of which a part has come and the rest is awaited; else undefined. */
  get part(): number | undefined {
    return this.#frames.hasPart ? this.#frames.count : undefined;
  }

  /** Takes input, cut anywhere. @param bytes - The session's from now on. */
  receive(bytes: Uint8Array): void {
    if (this.#isDraining || this.#isOver) return;
    this.#frames.push(bytes);
    this.#work();
  }

  /** HAProxy has read what was sent. */
  release(): void {
    this.#isHeld = false;
    this.#work();
  }

  /** HAProxy sends nothing more: answers what is being verified, then ends the connection. */
  end(): void {
    this.drain();
  }

  /** Ends the connection once what is being verified is answered. Takes nothing more. */
  drain(): void {
    this.#isDraining = true;
    this.#work();
  }

  /** The peer took too long: says so, and ends the connection. */
  timeOut(): void {
    this.#over(SPOE_STATUS.timeout, true);
  }

  #work(): void {
    if (this.#isOver) return;
    const batch: { ids: Uint8Array; question: SpoeQuestion }[] = [];
    let fault: SpoeStatus | undefined;
    try {
      while (this.#mayTake(batch.length)) {
        const bytes = this.#frames.next();
        if (bytes === undefined) break;
        this.#obey(readFrame(bytes), batch);
        if (this.#isOver) return;
      }
    } catch (error) {
      if (!(error instanceof SpoeFault)) throw error;
      fault = error.status;
    }
    // What came before the fault was asked in form, but no answer would be read.
    if (fault !== undefined) {
      this.#over(fault, true);
      return;
    }
    this.#ask(batch);
    this.#flush();
    if (this.#isDraining && this.#underWay === 0) {
      this.#over(SPOE_STATUS.normal, false);
      return;
    }
    const isWanted = this.#isDraining || this.#mayTake(0);
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#options.read?.(isWanted);
  }

  #mayTake(taken: number): boolean {
    return !this.#isDraining && !this.#isHeld && this.#underWay + taken < MAX_QUESTIONS;
  }

  #obey(frame: Frame, batch: { ids: Uint8Array; question: SpoeQuestion }[]): void {
    if (this.#maxFrameBytes === undefined) {
      if (frame.type === FRAME.haproxyHello) this.#greet(frame);
      else if (frame.type === FRAME.haproxyDisconnect) this.#over(SPOE_STATUS.normal, false);
      else throw new SpoeFault(SPOE_STATUS.invalidFrame);
      return;
    }
    switch (frame.type) {
      case FRAME.notify: {
        const question = readQuestion(frame.payload);
        if (question !== null) {
          batch.push({ ids: frame.ids, question });
          return;
        }
        this.#out.begin(FRAME.ack, frame.ids).end(LEAST_FRAME_BYTES);
        this.#options.unreadable?.();
        return;
      }
      case FRAME.haproxyDisconnect:
        this.#over(SPOE_STATUS.normal, false);
        return;
      case FRAME.haproxyHello:
      case FRAME.agentHello:
      case FRAME.agentDisconnect:
      case FRAME.ack:
        throw new SpoeFault(SPOE_STATUS.invalidFrame);
      default:
      // "Unknown frames may be silently skipped": SPOE.txt §3.2.2.
    }
  }

  #greet(frame: Frame): void {
    const { maxFrameBytes, isHealthcheck } = readHello(frame);
    this.#maxFrameBytes = maxFrameBytes;
    this.#frames.maxBytes = maxFrameBytes;
    writeHello(this.#out, maxFrameBytes);
    // A check needs no DISCONNECT: SPOE.txt §3.2.5.
    if (isHealthcheck) this.#over(undefined, false);
  }

  #ask(batch: readonly { ids: Uint8Array; question: SpoeQuestion }[]): void {
    if (batch.length === 0) return;
    const answers = this.#options.answer(batch.map(({ question }) => question));
    batch.forEach(({ ids }, i) => {
      const answer = answers[i];
      if (!(answer instanceof Promise)) {
        this.#acknowledge(ids, answer);
        return;
      }
      this.#underWay++;
      void answer
        .catch(() => undefined)
        .then((known) => {
          this.#underWay--;
          this.#acknowledge(ids, known);
          this.#planFlush();
        });
    });
  }

  /** Without an answer, or with one that fits no frame, nothing is set: HAProxy lets nobody in. */
  #acknowledge(ids: Uint8Array, answer: SpoeAnswer | undefined): void {
    const most = this.#maxFrameBytes ?? LEAST_FRAME_BYTES;
    this.#out.begin(FRAME.ack, ids);
    if (answer !== undefined) writeActions(this.#out, answer);
    const fits = this.#out.end(most);
    if (!fits) this.#out.begin(FRAME.ack, ids).end(most);
    this.#options.answered?.((fits && answer?.status) || 503);
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    queueMicrotask(() => {
      this.#isFlushPlanned = false;
      this.#work();
    });
  }

  #flush(): void {
    if (this.#out.length === 0) return;
    if (this.#options.send(this.#out.take()) === false) this.#isHeld = true;
  }

  /** Ends the connection. @param status - Of the AGENT-DISCONNECT; undefined: none is sent. */
  #over(status: SpoeStatus | undefined, isFault: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (status !== undefined) writeDisconnect(this.#out, status);
    this.#flush();
    this.#options.close(isFault);
  }
}
