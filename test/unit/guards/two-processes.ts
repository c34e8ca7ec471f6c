/**
 * Two processes that ask three stores about one token, in every order of all that can happen: each
 * question reaches each store, each answer comes back, each call's time ends, a store loses what it
 * knew. The quorum guard is the real one. Messages that are lost are those that come last.
 */
import { QuorumGuard, type QuorumOptions } from '../../../src/guards/quorum.js';
import type { GuardAnswer } from '../../../src/index.js';
import { explore, type World } from '../../../tools/testbed/explore.js';
import { markUntil } from './marks.js';

const MARK = markUntil('abcdefghijkl+/Az', 58_900_000, 1_770_000_000_000);
const STORES = [0, 1, 2] as const;
const ALL_ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];
const LOSES = 'store 0 loses its memory';

interface Case extends QuorumOptions {
  /** How often each process tries, as long as it is told `unavailable`. */
  readonly attempts: readonly number[];
  /** Whether the first store loses its memory, and then knows that it did. */
  readonly loss?: 'silent' | 'noticed';
}

/** A question on its way to a store, or its answer on the way back. */
interface Message {
  readonly store: number;
  answer?: GuardAnswer;
  deliver(answers: readonly GuardAnswer[]): void;
}

/** One process: its guard, what it has sent, and what it was told. */
class Caller {
  readonly guard: QuorumGuard;
  readonly messages: Message[] = [];
  /** Answers in the order of their arrival. */
  readonly heard: Message[] = [];
  readonly told: (GuardAnswer | 'asking')[] = [];
  endTime: () => void = () => {};

  constructor(options: QuorumOptions) {
    const guards = STORES.map((store) => ({
      remember: () =>
        new Promise<readonly GuardAnswer[]>((deliver) => {
          this.messages.push({ store, deliver });
        }),
    }));
    this.guard = new QuorumGuard(guards, options, (_, onEnd) => {
      this.endTime = onEnd;
      return () => {
        this.endTime = () => {};
      };
    });
  }

  ask(): void {
    const attempt = this.told.push('asking') - 1;
    this.guard.remember([MARK]).then(
      ([answer]) => {
        this.told[attempt] = answer ?? 'unavailable';
      },
      () => {
        this.told[attempt] = 'unavailable';
      },
    );
  }
}

class TwoProcesses implements World {
  readonly #case: Case;
  readonly callers: readonly Caller[];
  /** Which process each store gave its `fresh`. */
  readonly #owners: (number | undefined)[] = [undefined, undefined, undefined];
  #isLost = false;

  constructor(options: Case) {
    const { attempts, loss: _, ...rest } = options;
    this.#case = options;
    this.callers = attempts.map(() => new Caller(rest));
    for (const caller of this.callers) caller.ask();
  }

  get accepted(): number {
    return this.callers.flatMap(({ told }) => told).filter((each) => each === 'fresh').length;
  }

  events(): string[] {
    const events = this.callers.flatMap(({ messages, heard, told }, process) => {
      const last = told.at(-1);
      const canTry = told.length < (this.#case.attempts[process] ?? 0);
      // What it is told after its last attempt makes no difference.
      const listens = last === 'asking' || (last === 'unavailable' && canTry);
      return [
        ...messages.flatMap((message, i) => {
          if (message.answer === undefined) return [`${process} reaches ${i}`];
          return listens && !heard.includes(message) ? [`${process} hears ${i}`] : [];
        }),
        ...(last === 'asking' ? [`${process} ends`] : []),
        ...(last === 'unavailable' && canTry ? [`${process} retries`] : []),
      ];
    });
    return this.#case.loss === undefined || this.#isLost ? events : [...events, LOSES];
  }

  async happen(event: string): Promise<void> {
    if (event === LOSES) {
      this.#isLost = true;
      this.#owners[0] = undefined;
      return;
    }
    const [process, verb, index] = event.split(' ');
    const caller = this.callers[Number(process)]!;
    if (verb === 'ends') caller.endTime();
    else if (verb === 'retries') caller.ask();
    else {
      const message = caller.messages[Number(index)]!;
      if (verb === 'reaches') message.answer = this.#answer(message.store, Number(process));
      else {
        caller.heard.push(message);
        message.deliver([message.answer!]);
      }
    }
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
  }

  /** The same for worlds that differ only in which process or which store is called which. */
  state(): string {
    const { attempts, loss } = this.#case;
    const [first] = attempts;
    const processes = attempts.every((each) => each === first)
      ? [
          [0, 1],
          [1, 0],
        ]
      : [[0, 1]];
    const stores = loss === undefined ? ALL_ORDERS : ALL_ORDERS.filter(([store]) => store === 0);
    const names = processes.flatMap((callers) =>
      stores.map((order) => this.#named(callers, order)),
    );
    return names.sort()[0] as string;
  }

  #named(processes: readonly number[], stores: readonly number[]): string {
    const callers = processes.map((process) => {
      const { messages, heard, told } = this.callers[process]!;
      const ofStores = stores.map((store) => {
        const sent = messages.filter((message) => message.store === store);
        const order = heard.map((message) => sent.indexOf(message)).filter((at) => at >= 0);
        return `${sent.map(({ answer = '-' }) => answer)}:${order}`;
      });
      return `${told};${ofStores.join(';')}`;
    });
    const owners = stores.map((store) => processes.indexOf(this.#owners[store] ?? -1));
    return `${this.#isLost} ${owners} ${callers.join(' ')}`;
  }

  #answer(store: number, process: number): GuardAnswer {
    if (this.#owners[store] !== undefined) return 'replayed';
    // It knows that it has forgotten, so it says so of a token that was good before.
    if (store === 0 && this.#isLost && this.#case.loss === 'noticed') return 'stale';
    this.#owners[store] = process;
    return 'fresh';
  }
}

/**
 * Explores a case.
 *
 * @returns How often the token was accepted at most, and what was explored.
 */
export async function explored(options: Case) {
  let accepted = 0;
  const seen = await explore(
    () => new TwoProcesses(options),
    (world) => {
      accepted = Math.max(accepted, world.accepted);
    },
  );
  return { accepted, ...seen };
}
