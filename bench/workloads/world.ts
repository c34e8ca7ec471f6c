import { type Random, seededRandom } from '../../tools/testbed/random.js';
import { freshLibrary, type Library } from '../lib/library.js';
import { Round } from './round.js';

export const PERIOD_MS = 30_000;
/** The default window of a verifier: the present step and one on either side. */
const WINDOW_STEPS = 3;
/** 2026-01-01T00:00:00Z, in the middle of a step. */
const START_MS = Date.UTC(2026, 0, 1) + PERIOD_MS / 2;

/** Keys, an issuer and a clock that all verifiers of a run share. */
export class World {
  readonly hosts: Readonly<Record<string, ReturnType<Library['generateKeys']>>>;
  readonly clock = (): number => this.nowMs;
  nowMs = START_MS;
  readonly #issuer: Awaited<ReturnType<Library['createIssuer']>>;
  readonly #random: Random = seededRandom(1);

  private constructor(hosts: World['hosts'], issuer: Awaited<ReturnType<Library['createIssuer']>>) {
    this.hosts = hosts;
    this.#issuer = issuer;
  }

  static async create(domains: readonly string[]): Promise<World> {
    const { createIssuer, generateKeys } = await freshLibrary();
    const hosts = Object.fromEntries(domains.map((domain) => [domain, generateKeys()]));
    return new World(hosts, await createIssuer({ hosts }));
  }

  get step(): number {
    return Math.floor(this.nowMs / PERIOD_MS);
  }

  /**
   * Moves the clock forward by as many steps as the window has.
   *
   * Every guard is empty then, in the same way as in real use. No verifier has to be made again,
   * its memory stays the memory that earlier rounds have used, and emptying is not timed.
   */
  advance(): void {
    this.nowMs += WINDOW_STEPS * PERIOD_MS;
  }

  /** Issues a token with the OTP of the step that is `drift` steps from now. */
  issue(jid: string, drift = 0): string {
    return this.#issuer.issue(jid, { timeMs: this.nowMs + drift * PERIOD_MS });
  }

  /** Issues fresh valid tokens, one for each jid, for all steps in the window. */
  round(jids: readonly string[]): Round {
    const tokens = jids.map((jid) => this.issue(jid, this.#random(WINDOW_STEPS) - 1));
    return new Round(this.step, jids, tokens);
  }
}
