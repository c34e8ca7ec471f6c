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

/** The functions that a session needs. */
export interface SpoeOptions {
  /**
   * Answers questions that came together, in their order. Must not throw. A promise that rejects
   * leaves its question without an answer.
   */
  readonly answer: (
    questions: readonly SpoeQuestion[],
  ) => readonly (SpoeAnswer | Promise<SpoeAnswer>)[];
  /** Called when a question is answered, with the HTTP status. 503 if no variable could be set. */
  readonly answered?: ((status: number) => void) | undefined;
  /**
   * Called when a NOTIFY has no question or several. No variable is set, and the request is not let
   * in.
   */
  readonly unreadable?: (() => void) | undefined;
  /**
   * Sends bytes. If it returns false, HAProxy reads too slowly, and nothing is verified until
   * `release`.
   */
  readonly send: (bytes: Uint8Array) => unknown;
  /** Called when the session starts or stops wanting input. */
  readonly read?: (isWanted: boolean) => void;
  /**
   * Ends the connection after everything that was sent.
   *
   * @param isFault - The peer broke the protocol.
   */
  readonly close: (isFault: boolean) => void;
}

/**
 * The most questions of one connection that are verified at a time. Further input waits. HAProxy
 * sends up to 20 before it has an answer by default (`max-waiting-frames`).
 */
export const MAX_QUESTIONS = 256;

/**
 * The agent's side of the Stream Processing Offload Protocol 2.0, for HAProxy. It takes and sends
 * bytes. HAProxy's `doc/SPOE.txt` §3 describes the protocol.
 *
 * - Each NOTIFY has exactly one ACK on the same connection, in any order (`pipelining`). A NOTIFY
 *   without a question is acknowledged without actions.
 * - The questions of one piece of input are answered together. Answers that are known at once are
 *   sent in one piece.
 * - While `MAX_QUESTIONS` questions are being verified, further input waits. It is neither refused
 *   nor lost.
 * - A peer that breaks the protocol gets an AGENT-DISCONNECT with the protocol's status for its
 *   fault, and no other answer.
 * - `drain` answers the questions under way, and ends with the status `normal`. Further input is
 *   not read, so no token in it is used up.
 */
export class SpoeSession {
  readonly #options: SpoeOptions;
  readonly #frames = new FrameCutter();
  readonly #out = new SpoeWriter();
  /** The largest frame that HAProxy accepts, in bytes. Undefined before its HELLO. */
  #maxFrameBytes: number | undefined;
  /** How many questions are being verified. */
  #underWay = 0;
  #isWanted = true;
  /** HAProxy reads too slowly. */
  #isHeld = false;
  /** No more input is taken. The connection ends with the last answer. */
  #isDraining = false;
  #isOver = false;
  /** Set while a flush is planned, so that answers that resolve together are sent together. */
  #isFlushPlanned = false;

  constructor(options: SpoeOptions) {
    this.#options = options;
  }

  /** Whether HAProxy has sent its HELLO. */
  get isClient(): boolean {
    return this.#maxFrameBytes !== undefined;
  }

  /** The number of the frame that has come only in part. Undefined if there is no such frame. */
  get part(): number | undefined {
    return this.#frames.hasPart ? this.#frames.count : undefined;
  }

  /**
   * Takes input in any pieces.
   *
   * @param bytes - The session keeps them. The caller must not change them.
   */
  receive(bytes: Uint8Array): void {
    if (this.#isDraining || this.#isOver) return;
    this.#frames.push(bytes);
    this.#work();
  }

  /** Call when HAProxy has read everything that was sent. */
  release(): void {
    this.#isHeld = false;
    this.#work();
  }

  /**
   * Call when HAProxy has ended its side. Answers the questions under way, then ends the
   * connection.
   */
  end(): void {
    this.drain();
  }

  /** Ends the connection once the questions under way are answered. Takes no more input. */
  drain(): void {
    this.#isDraining = true;
    this.#work();
  }

  /** Call when the peer took too long. Sends the status `timeout`, and ends the connection. */
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
    // Well-formed questions before the fault are dropped, because their answers would not be read.
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
    // A health check needs no DISCONNECT: SPOE.txt §3.2.5.
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

  /**
   * Acknowledges a question. If there is no answer, or it does not fit into a frame, no variable is
   * set, and HAProxy does not let the request in.
   */
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

  /**
   * Ends the connection.
   *
   * @param status - The status of the AGENT-DISCONNECT. If undefined, no such frame is sent.
   */
  #over(status: SpoeStatus | undefined, isFault: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (status !== undefined) writeDisconnect(this.#out, status);
    this.#flush();
    this.#options.close(isFault);
  }
}
