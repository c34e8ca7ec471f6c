/** A process that asks a model server, and does nothing by itself: the test says what happens next. */
import type { Command, Connection } from '../../../../src/guards/redis/connection.js';
import { RedisGuard } from '../../../../src/guards/redis/guard.js';
import type { Settings } from '../../../../src/guards/redis/options.js';
import type { GuardAnswer } from '../../../../src/index.js';
import { MARK, type ModelServer } from './model-server.js';

/** Turns of the microtask queue after which whatever can follow from an event has followed. */
const TURNS = 40;

/** Commands on their way to the server, and its replies on their way back. */
export interface Piece {
  readonly commands: readonly Command[];
  readonly replies: unknown[];
  resolve(replies: readonly unknown[]): void;
  reject(error: Error): void;
}

export const isAnswered = ({ commands, replies }: Piece): boolean =>
  commands.length === replies.length;

export class AskingProcess {
  /** What it was told, attempt by attempt. */
  readonly told: (GuardAnswer | 'asking')[] = [];
  /** All that has happened to it: what the guard holds follows from it. */
  readonly past: string[] = [];
  /** What is under way on the connection that is open. */
  readonly pieces: Piece[] = [];
  /** What was sent on connections that it has given up. */
  readonly strays: Piece[] = [];
  readonly timers = new Set<{ readonly ms: number; readonly onEnd: () => void }>();
  /** Whether the server has ended the connection, and the process has not noticed it yet. */
  isBroken = false;
  elapsedMs = 0;
  readonly #server: ModelServer;
  readonly #guard: RedisGuard;
  #turns: (() => void)[] = [];
  #opening: (() => void) | undefined;

  constructor(server: ModelServer, settings: Settings) {
    this.#server = server;
    this.#guard = new RedisGuard(settings, {
      elapsedMs: () => this.elapsedMs,
      startTimer: (ms, onEnd) => {
        const timer = { ms, onEnd };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
      },
      afterTurn: (call) => this.#turns.push(call),
      connect: () =>
        new Promise((resolve) => {
          this.#opening = () => resolve(this.#connection());
        }),
    });
  }

  get isAsking(): boolean {
    return this.told.includes('asking');
  }

  get isOpening(): boolean {
    return this.#opening !== undefined;
  }

  async connect(): Promise<void> {
    const connected = this.#guard.connect();
    await this.settle();
    this.open();
    await connected;
  }

  ask(): void {
    const attempt = this.told.push('asking') - 1;
    const tell = (answer: GuardAnswer) => {
      this.told[attempt] = answer;
    };
    this.#guard.remember([MARK]).then(
      ([answer]) => tell(answer ?? 'unavailable'),
      () => tell('unavailable'),
    );
  }

  /** The connection that it waits for is there. */
  open(): void {
    const open = this.#opening;
    this.#opening = undefined;
    this.isBroken = false;
    open?.();
  }

  /** The replies to the first piece come. */
  hear(): void {
    const piece = this.pieces.shift()!;
    piece.resolve(piece.replies);
  }

  /** It sees that the connection is broken. The server may get yet what was sent. */
  cut(): void {
    const pieces = this.pieces.splice(0);
    if (!this.isBroken) this.strays.push(...pieces.filter((piece) => !isAnswered(piece)));
    for (const piece of pieces) piece.reject(new Error('the connection broke'));
  }

  /** The server ends: what has not reached it never will. */
  break(): void {
    this.isBroken = true;
    this.strays.length = 0;
  }

  /** @returns How long the timer was to run, in milliseconds. */
  endTimer(index: number): number {
    const timer = [...this.timers][index]!;
    this.timers.delete(timer);
    timer.onEnd();
    return timer.ms;
  }

  async settle(): Promise<void> {
    do {
      for (const call of this.#turns.splice(0)) call();
      for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
    } while (this.#turns.length > 0);
  }

  #connection(): Connection {
    let isOpen = true;
    return {
      get isOpen() {
        return isOpen;
      },
      pipeline: (commands) =>
        new Promise((resolve, reject) => {
          if (isOpen) this.pieces.push({ commands, replies: [], resolve, reject });
          else reject(new Error('closed'));
        }),
      // A look at the server is one event: it is over before the next one happens.
      oneByOne: async (commands) => commands.map((command) => this.#server.reply(command)),
      close: () => {
        if (isOpen) this.cut();
        isOpen = false;
      },
    };
  }
}
