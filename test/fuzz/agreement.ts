/**
 * Runs a scenario through several ways of verifying and through the plain reference, and compares
 * all verdicts.
 */
import { deepStrictEqual } from 'node:assert';
import type { HostKeys, Verdict, VerifierOptions } from '../../src/index.js';
import { PERIOD_MS, STEP } from '../unit/token/reference.js';
import { type Code, type ReferenceRules, ReferenceVerifier } from './reference-verifier.js';
import { type Action, actionOf, DOMAINS, type Entry, handedIn, KEY_LIST } from './scenario.js';
import { Choices } from './target.js';

type Texts = readonly (string | Uint8Array)[];

/** One way of asking. It answers entries, or else the lines that they make. */
export interface Way {
  readonly name: string;
  readonly takesLines?: boolean;
  ask(
    jids: Texts,
    tokens: Texts,
    lines: Uint8Array,
  ): Iterable<Verdict> | Promise<Iterable<Verdict>>;
  setHost(domain: string, keys: readonly HostKeys[]): unknown;
  removeHost(domain: string): unknown;
}

export interface Setup {
  readonly rules: ReferenceRules;
  readonly options: Omit<VerifierOptions, 'clock' | 'prepareJid'>;
}

export const SETUPS: readonly Setup[] = [
  setup({ capacity: 4 }),
  setup({ capacity: 100, prepares: true, window: { past: 2, future: 1 } }),
  setup({ capacity: 2, digits: 6, nonce: { min: 8, max: 40 }, window: { past: 0, future: 3 } }),
];

function setup(changes: Partial<ReferenceRules>): Setup {
  const rules: ReferenceRules = {
    digits: 8,
    nonce: { min: 32, max: 32 },
    window: { past: 1, future: 1 },
    capacity: 100,
    prepares: false,
    ...changes,
  };
  const { digits, nonce: nonceDigits, window, capacity } = rules;
  const isExact = nonceDigits.min === nonceDigits.max;
  return {
    rules,
    options: { digits, window, replay: { capacity }, ...(!isExact && { nonceDigits }) },
  };
}

/** More than any scenario moves the clock, so that none meets what another left in a guard. */
const APART = 20_000;
const MAX_ENTRIES = 60;

/** Tries inputs against the ways of one setup. */
export class Agreement {
  readonly clock = { timeMs: 0 };
  readonly #setup: Setup;
  readonly #ways: readonly Way[];
  readonly #byEntries: ReferenceVerifier;
  readonly #byLines: ReferenceVerifier;
  #begin = STEP;
  /** Hosts that the last scenario changed. */
  readonly #changed = new Set<string>(DOMAINS);

  constructor(setup: Setup, open: (clock: () => number) => readonly Way[]) {
    this.#setup = setup;
    this.#ways = open(() => this.clock.timeMs);
    this.#byEntries = new ReferenceVerifier(setup.rules);
    this.#byLines = new ReferenceVerifier(setup.rules);
  }

  async try(input: Uint8Array): Promise<void> {
    const { digits, nonce } = this.#setup.rules;
    const form = { digits, nonceDigits: [32, 32, nonce.min, nonce.max, nonce.max + 1] };
    const choices = new Choices(input);
    this.#begin += APART;
    let now = this.#begin;
    this.#moveTo(now);
    for (const domain of this.#changed)
      await this.#setHost(domain, domain === 'h' ? [KEY_LIST[0]!, KEY_LIST[1]!] : [KEY_LIST[0]!]);
    this.#changed.clear();

    const seen: Entry[] = [];
    let waiting: Entry[] = [];
    while (!choices.isOver && seen.length < MAX_ENTRIES) {
      const action: Action = actionOf(choices, form, now);
      if (action.kind === 'entry') waiting.push(action.entry);
      if (action.kind === 'again' && seen.length > 0)
        waiting.push(seen[action.index % seen.length]!);
      if (action.kind === 'entry') seen.push(action.entry);
      if (action.kind === 'clock' || action.kind === 'host') {
        await this.#flush(waiting, now);
        waiting = [];
      }
      if (action.kind === 'clock') {
        now += action.steps;
        this.#moveTo(now);
      }
      if (action.kind === 'host') {
        this.#changed.add(action.domain);
        await this.#setHost(action.domain, action.keys);
      }
    }
    await this.#flush(waiting, now);
  }

  #moveTo(step: number): void {
    this.clock.timeMs = (step + 0.5) * PERIOD_MS;
  }

  async #setHost(domain: string, keys: readonly HostKeys[]): Promise<void> {
    // The reference knows a domain by its bytes.
    const name = Buffer.from(domain).toString('latin1');
    for (const reference of [this.#byEntries, this.#byLines]) {
      if (keys.length === 0) reference.removeHost(name);
      else reference.setHost(name, keys);
    }
    for (const way of this.#ways) {
      await (keys.length === 0 ? way.removeHost(domain) : way.setHost(domain, keys));
    }
  }

  async #flush(entries: readonly Entry[], now: number): Promise<void> {
    if (entries.length === 0) return;
    const pairs = entries.map(handedIn);
    const [jids, tokens] = [pairs.map(([jid]) => jid), pairs.map(([, token]) => token)];
    const lines = Buffer.concat(
      entries.flatMap(({ jid, token, lineEnd }) => [jid, TAB, token, lineEnd]),
    );
    const expected = entries.map(({ jid, token }) => this.#byEntries.verify(jid, token, now));
    const expectedLines = this.#byLines.lines(lines, now);
    for (const way of this.#ways) {
      const codes: Code[] = [];
      for (const { code } of await way.ask(jids, tokens, lines)) codes.push(code);
      deepStrictEqual(codes, way.takesLines ? expectedLines : expected, way.name);
    }
  }
}

const TAB = Uint8Array.of(9);
