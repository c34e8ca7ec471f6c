import type { GuardAnswer, ReplayMark } from './guard.js';

/** How many guards are asked, and how many of them must say `fresh`. */
export interface Majority {
  readonly guards: number;
  readonly needed: number;
}

/**
 * The votes on one mark that this process has been given.
 *
 * A guard says `fresh` of a mark once. So a vote belongs to the process that it was given to, and
 * is kept until it is used: an attempt that found too few guards leaves its votes to the next one,
 * which asks the others only. An answer that comes after its call has ended counts as well.
 *
 * The votes are used for one call. All other calls about the mark are told `replayed`.
 */
export class Ballot {
  readonly mark: ReplayMark;
  readonly #majority: Majority;
  /** The last answer of each guard; `fresh` stays. */
  readonly #said: (GuardAnswer | undefined)[];
  /** Questions to each guard that have no answer yet. */
  readonly #underWay: number[];
  /** Told the answer, the oldest first. */
  readonly #waiting: ((answer: GuardAnswer) => void)[] = [];
  #isUsed = false;

  constructor(mark: ReplayMark, majority: Majority) {
    this.mark = mark;
    this.#majority = majority;
    this.#said = Array(majority.guards).fill(undefined);
    this.#underWay = Array(majority.guards).fill(0);
  }

  /** Whether nobody waits for it, and it has nothing that a later attempt could use. */
  get isOver(): boolean {
    if (this.#isUsed) return true;
    return (
      this.#waiting.length === 0 &&
      this.#underWay.every((count) => count === 0) &&
      !this.#said.includes('fresh')
    );
  }

  /** Whether this guard's vote is missing, and needed. */
  lacks(guard: number): boolean {
    return this.#said[guard] !== 'fresh' && this.#decision() !== 'fresh';
  }

  /** A call waits for the answer. */
  join(onAnswer: (answer: GuardAnswer) => void): void {
    this.#waiting.push(onAnswer);
  }

  /** A call waits no longer: it is told `unavailable`, unless it has its answer. */
  leave(onAnswer: (answer: GuardAnswer) => void): void {
    const at = this.#waiting.indexOf(onAnswer);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    onAnswer('unavailable');
  }

  /** A guard is asked. */
  asks(guard: number): void {
    this.#underWay[guard] = (this.#underWay[guard] as number) + 1;
  }

  /** A guard has answered. */
  hears(guard: number, answer: GuardAnswer): void {
    this.#underWay[guard] = (this.#underWay[guard] as number) - 1;
    if (this.#said[guard] !== 'fresh') this.#said[guard] = answer;
    this.decide();
  }

  /** Answers the calls that wait, as soon as no answer to come can change theirs. */
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
   * What the guards have said together. Once more than `guards - needed` of them refuse, `needed`
   * can never be reached; where their votes may have gone to an attempt of our own whose answer is
   * under way, it is waited for.
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
