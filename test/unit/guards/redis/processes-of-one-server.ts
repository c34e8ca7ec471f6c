/**
 * Processes that ask one Redis server about one token, in every order of all that can happen: each
 * command reaches the server, each reply comes back, a connection breaks and is opened again, what
 * was sent on it arrives all the same, a time-out ends, the server loses what it knew. The guard is
 * the real one, with its breaker and its attempts; the server is a model.
 */
import { settingsOf } from '../../../../src/guards/redis/options.js';
import type { GuardAnswer } from '../../../../src/index.js';
import { explore, type World } from '../../../../tools/testbed/explore.js';
import { AskingProcess, isAnswered, type Piece } from './asking-process.js';
import { type Loss, ModelServer } from './model-server.js';

/** What may happen. */
export interface Case {
  /** How often each process asks. */
  readonly attempts: readonly number[];
  /** Whether a process may ask again before it was answered. Default: after `unavailable` only. */
  readonly isImpatient?: boolean;
  /** How many connections may break and time-outs end, of all processes together. */
  readonly faults: number;
  readonly loss?: Loss;
  /** Whether the commands of a question reach the server one by one, and not in two parts. */
  readonly isFine?: boolean;
}

const OPTIONS = { url: 'redis://127.0.0.1', retryAfterMs: 500 };
/** How long a guard waits before it asks again by itself. All other timers are time-outs. */
const PAUSE_MS = 50;
/** Attempts after the faults have ended, of which one must be answered. */
const PATIENCE = 4;
const START = 'the processes connect';
const LOSS = 'the server loses its memory';
const END = 'all is well again';

class Processes implements World {
  readonly #case: Case;
  readonly #server = new ModelServer();
  readonly #processes: readonly AskingProcess[];
  #faults = 0;
  #isLost = false;
  #stage: 'new' | 'runs' | 'over' = 'new';
  /** What was said after the end, to a process that asks again, and to one that asks for the first time. */
  readonly afterwards: GuardAnswer[] = [];

  constructor(options: Case) {
    this.#case = options;
    const settings = settingsOf(OPTIONS);
    this.#processes = options.attempts.map(() => new AskingProcess(this.#server, settings));
  }

  get isOver(): boolean {
    return this.#stage === 'over';
  }

  /** How often the token was accepted. */
  get accepted(): number {
    const told = [...this.#processes.flatMap((each) => each.told), ...this.afterwards];
    return told.filter((answer) => answer === 'fresh').length;
  }

  events(): string[] {
    if (this.#stage === 'new') return [START];
    if (this.isOver) return [];
    const events = this.#processes.flatMap((process, i) =>
      this.#eventsOf(process, this.#case.attempts[i]!).map((event) => `${i} ${event}`),
    );
    if (this.#case.loss !== undefined && !this.#isLost) events.push(LOSS);
    if (this.#processes.every(({ isAsking }) => !isAsking)) events.push(END);
    return events;
  }

  async happen(event: string): Promise<void> {
    if (event === START) {
      this.#stage = 'runs';
      for (const process of this.#processes) await process.connect();
    } else if (event === LOSS) this.#lose();
    else if (event === END) await this.#end();
    else await this.#happenTo(this.#processes[Number(event[0])]!, event.slice(2));
  }

  state(): string {
    const processes = this.#processes.map((process, i) => {
      const { told, past, pieces, strays, isBroken } = process;
      const isActive = process.isAsking || this.#mayAsk(process, this.#case.attempts[i]!);
      // Of several processes, one that asks no more is not asked in the end.
      const remembered = isActive || this.#processes.length === 1 ? past.join(';') : '';
      return `${told}/${remembered}/${this.#sent(pieces)}/${this.#sent(strays)}/${isBroken}`;
    });
    const all = [this.#stage, this.afterwards, this.#faults, this.#isLost, this.#server.state()];
    return [...all, ...processes].join('|');
  }

  #sent(pieces: readonly Piece[]): string {
    const names = (piece: Piece) => piece.replies.map((reply) => this.#server.nameOf(reply));
    return pieces.map((piece) => `${piece.commands.length}:${names(piece)}`).join(',');
  }

  #mayAsk({ told }: AskingProcess, attempts: number): boolean {
    const isOpen = told.length === 0 || told.at(-1) === 'unavailable' || this.#case.isImpatient;
    return told.length < attempts && isOpen === true;
  }

  #eventsOf(process: AskingProcess, attempts: number): string[] {
    const { told, pieces, strays, timers, isBroken } = process;
    const mayFail = this.#faults < this.#case.faults;
    const events: string[] = [];
    if (this.#mayAsk(process, attempts)) {
      events.push('asks');
      if (told.at(-1) === 'unavailable') events.push('waits and asks');
    }
    if (process.isOpening) events.push('connects');
    if (!isBroken && pieces.some((piece) => !isAnswered(piece))) events.push('reaches the server');
    if (strays.length > 0) events.push('reaches the server late');
    if (pieces[0] !== undefined && isAnswered(pieces[0])) events.push('hears');
    if (pieces.length > 0 && (mayFail || isBroken)) events.push('is cut off');
    for (const [i, { ms }] of [...timers].entries())
      if (ms === PAUSE_MS || mayFail) events.push(`timer ${i}`);
    return events;
  }

  async #happenTo(process: AskingProcess, what: string): Promise<void> {
    const { pieces, strays } = process;
    // What reaches the server changes nothing at the process.
    if (what === 'reaches the server')
      return this.#reach(pieces.find((each) => !isAnswered(each))!);
    if (what === 'reaches the server late') {
      this.#reach(strays[0]!);
      if (isAnswered(strays[0]!)) strays.shift();
      return;
    }
    const isHeard = what === 'hears' ? this.#sent(pieces.slice(0, 1)) : '';
    const isSeen = what === 'connects' ? this.#server.state() : '';
    process.past.push(`${what} ${isHeard}${isSeen}`);
    if (what === 'waits and asks') process.elapsedMs += OPTIONS.retryAfterMs;
    if (what.endsWith('asks')) process.ask();
    else if (what === 'connects') process.open();
    else if (what === 'hears') process.hear();
    else if (what === 'is cut off') {
      if (!process.isBroken) this.#faults++;
      process.cut();
    } else if (process.endTimer(Number(what.slice('timer '.length))) !== PAUSE_MS) this.#faults++;
    await process.settle();
  }

  /** The next commands of a piece: the writes, and then what the server says of itself. */
  #reach({ commands, replies }: Piece): void {
    const writes = commands.findIndex(([name, key]) => name === 'GET' && key === 'tt:creation');
    const from = replies.length;
    const end = this.#case.isFine ? from + 1 : from < writes ? writes : commands.length;
    for (const command of commands.slice(from, end)) replies.push(this.#server.reply(command));
  }

  #lose(): void {
    this.#isLost = true;
    this.#server.lose(this.#case.loss!);
    if (this.#case.loss !== 'is restarted') return;
    for (const process of this.#processes) process.break();
  }

  /** Nothing fails any more. */
  async #end(): Promise<void> {
    this.#stage = 'over';
    const rejectStepsBefore = this.#isLost ? 'creation' : 'restart';
    const late = new AskingProcess(this.#server, settingsOf({ ...OPTIONS, rejectStepsBefore }));
    await late.connect();
    const askers = this.#processes.length === 1 ? [...this.#processes, late] : [late];
    for (const process of askers) {
      process.strays.length = 0;
      let answer: GuardAnswer | undefined;
      for (let times = 0; times < PATIENCE && (answer ?? 'unavailable') === 'unavailable'; times++)
        answer = await this.#askNow(process);
      this.afterwards.push(answer!);
    }
  }

  async #askNow(process: AskingProcess): Promise<GuardAnswer> {
    const { length } = process.told;
    process.elapsedMs += OPTIONS.retryAfterMs;
    process.ask();
    await process.settle();
    while (process.told[length] === 'asking') {
      if (process.isOpening) process.open();
      else if (process.isBroken && process.pieces.length > 0) process.cut();
      else if (process.pieces[0] !== undefined) {
        while (!isAnswered(process.pieces[0])) this.#reach(process.pieces[0]);
        process.hear();
      } else process.endTimer([...process.timers].findIndex(({ ms }) => ms === PAUSE_MS));
      await process.settle();
    }
    return process.told.splice(length)[0] as GuardAnswer;
  }
}

/** What was found: how often the token was accepted at most, and what was explored. */
export interface Found {
  readonly acceptedAtMost: number;
  readonly states: number;
  readonly interleavings: bigint;
}

/**
 * Explores a case.
 *
 * @throws {Error} The token was accepted twice; or in the end somebody gets no answer, or a process
 *   that asked alone until it was answered was never told `fresh`.
 */
export async function processesOf(options: Case): Promise<Found> {
  let acceptedAtMost = 0;
  const isAlone = options.attempts.length === 1 && !options.isImpatient && !options.loss;
  const seen = await explore(
    () => new Processes(options),
    (world, path) => {
      const { accepted, afterwards, isOver } = world;
      acceptedAtMost = Math.max(acceptedAtMost, accepted);
      const fault =
        accepted > 1
          ? 'the token was accepted twice'
          : afterwards.includes('unavailable')
            ? 'a guard gives no answer'
            : isOver && isAlone && accepted === 0
              ? 'the token was never accepted'
              : undefined;
      if (fault !== undefined) throw new Error(`${fault}: ${path.join(', ')}`);
    },
  );
  return { acceptedAtMost, ...seen };
}
