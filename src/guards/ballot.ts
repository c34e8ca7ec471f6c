import type { GuardAnswer, ReplayMark } from './guard.js';

/** How many guards there are, and how many of them must say `fresh`. */
export interface Majority {
  readonly guards: number;
  readonly needed: number;
}

/**
 * The votes that guards have given this process on one mark.
 *
 * A guard answers `fresh` to a mark only once. So a vote belongs to the process that got it, and is
 * kept until it is used. An attempt that reached too few guards leaves its votes to the next
 * attempt, which asks only the other guards. An answer that arrives after its call has ended counts
 * too.
 *
 * The votes are used for one call. All other calls about the mark get `replayed`.
 */
export class Ballot {
  readonly mark: ReplayMark;
  readonly #majority: Majority;
  /** The last answer of each guard. A `fresh` is never overwritten. */
  readonly #said: (GuardAnswer | undefined)[];
  /** How many questions to each guard have no answer yet. */
  readonly #underWay: number[];
  /** Callbacks of the calls that wait for the answer, the oldest first. */
  readonly #waiting: ((answer: GuardAnswer) => void)[] = [];
  #isUsed = false;

  constructor(mark: ReplayMark, majority: Majority) {
    this.mark = mark;
    this.#majority = majority;
    this.#said = Array(majority.guards).fill(undefined);
    this.#underWay = Array(majority.guards).fill(0);
  }

  /** Whether no call waits, and no vote is left that a later attempt could use. */
  get isOver(): boolean {
    if (this.#isUsed) return true;
    return (
      this.#waiting.length === 0 &&
      this.#underWay.every((count) => count === 0) &&
      !this.#said.includes('fresh')
    );
  }

  /** Whether this guard's vote is missing and still needed. */
  lacks(guard: number): boolean {
    return this.#said[guard] !== 'fresh' && this.#decision() !== 'fresh';
  }

  /** Adds a call that waits for the answer. */
  join(onAnswer: (answer: GuardAnswer) => void): void {
    this.#waiting.push(onAnswer);
  }

  /** Removes a call that stops waiting. It gets `unavailable`, unless it has its answer already. */
  leave(onAnswer: (answer: GuardAnswer) => void): void {
    const at = this.#waiting.indexOf(onAnswer);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    onAnswer('unavailable');
  }

  /** Records that a guard is asked. */
  asks(guard: number): void {
    this.#underWay[guard] = (this.#underWay[guard] as number) + 1;
  }

  /** Records the answer of a guard. */
  hears(guard: number, answer: GuardAnswer): void {
    this.#underWay[guard] = (this.#underWay[guard] as number) - 1;
    if (this.#said[guard] !== 'fresh') this.#said[guard] = answer;
    this.decide();
  }

  /** Answers the waiting calls once no later answer can change the result. */
  decide(): void {
    const answer = this.#decision();
    if (answer === undefined) return;
    for (const tell of this.#waiting.splice(0)) {
      const own = this.#isUsed ? 'replayed' : answer;
      if (answer === 'fresh') this.#isUsed = true;
      tell(own);
    }
  }

  /**
   * The joint answer of the guards, or undefined while it is open. If more than `guards - needed`
   * guards refuse, `needed` votes cannot be reached any more. But a refusing guard may have voted
   * for an earlier attempt of this process whose answer is still under way. Then the answer stays
   * open.
   */
  #decision(): GuardAnswer | undefined {
    const { guards, needed } = this.#majority;
    let [fresh, open, replayed, stale] = [0, 0, 0, 0];
    for (const [guard, said] of this.#said.entries()) {
      if (said === 'fresh') fresh++;
      else if ((this.#underWay[guard] as number) > 0) open++;
      else if (said === 'replayed') replayed++;
      else if (said === 'stale') stale++;
    }
    const spare = guards - needed;
    if (fresh >= needed) return 'fresh';
    if (replayed > spare) return 'replayed';
    if (replayed + stale > spare) return 'stale';
    const isOpen = fresh + open >= needed || replayed + stale + open > spare;
    return isOpen ? undefined : 'unavailable';
  }
}
