import type { Command } from './connection.js';
import type { Settings } from './options.js';
import type { Question } from './question.js';
import type { ServerClock } from './server-clock.js';

/**
 * What is said of a question where there is no answer: `ask` another node, for this once; `elsewhere`, on another server;
 * the server is `demoted` to a replica; `later` it may; `never`; it is `down`, and not asked for now.
 */
export type Refusal =
  | { readonly kind: 'ask'; readonly address: string }
  | { readonly kind: 'elsewhere' | 'demoted' | 'later' | 'never' | 'down'; readonly error: Error };

/** Questions that have met with the same refusal. */
export interface Refused {
  readonly refusal: Refusal;
  readonly questions: readonly Question[];
}

/** What may pass by itself: a cluster that moves slots or elects a master, a server that loads its data. */
const KINDS: Readonly<Record<string, 'elsewhere' | 'demoted' | 'later'>> = {
  MOVED: 'elsewhere',
  CLUSTERDOWN: 'elsewhere',
  READONLY: 'demoted',
  MASTERDOWN: 'demoted',
  TRYAGAIN: 'later',
  LOADING: 'later',
  BUSY: 'later',
};

/**
 * Questions as commands for one server, and its replies as answers:
 *
 *     SET key attempt NX PXAT end      for each: writes it unless it is there
 *     GET key                          if this attempt was sent before: it may be ours
 *     PEXPIREAT key end                and, with WAIT, a write after which the replicas have it, by this connection
 *     TIME                             by the server's clock, now that all are written
 *     WAIT replicas timeout            if asked for
 *
 * `TIME` comes after the writes, so a mark whose step is not over by then was written while its `end` lay ahead: no mark is
 * `fresh` that the server may have forgotten, however the clocks go.
 */
export class Exchange {
  readonly commands: readonly Command[];
  readonly #questions: readonly { readonly question: Question; readonly set: number; readonly get: number }[];
  readonly #settings: Settings;

  constructor(questions: readonly Question[], settings: Settings, isAsking: boolean) {
    const commands: Command[] = [];
    const push = (...command: string[]) => {
      // Good for one command: lets a node answer for a slot that is on its way to it.
      if (isAsking) commands.push(['ASKING']);
      return commands.push(command) - 1;
    };
    this.#questions = questions.map((question) => {
      const { key, attempt } = question;
      const end = String(question.expiresAtMs + settings.marginMs);
      const set = push('SET', key, attempt, 'NX', 'PXAT', end);
      const get = question.mayBeKnown ? push('GET', key) : -1;
      if (question.mayBeKnown && settings.wait !== undefined) push('PEXPIREAT', key, end);
      return { question, set, get };
    });
    commands.push(['TIME']);
    const { wait } = settings;
    if (wait !== undefined) commands.push(['WAIT', String(wait.replicas), String(wait.timeoutMs)]);
    this.commands = commands;
    this.#settings = settings;
  }

  /**
   * Settles the questions that are answered.
   *
   * @param floorMs - Tokens that were good before this moment may have been accepted, and forgotten.
   * @returns The others.
   */
  read(replies: readonly unknown[], clock: ServerClock, floorMs: number): readonly Refused[] {
    const { wait, lifetimeMs } = this.#settings;
    const nowMs = clock.take(replies[this.commands.length - (wait === undefined ? 1 : 2)]);
    const acknowledged = wait === undefined ? 0 : Number(replies[this.commands.length - 1]);
    const hasReplicas = acknowledged >= (wait?.replicas ?? 0);
    const refused = new Map<string, { refusal: Refusal; questions: Question[] }>();
    const refuse = (question: Question, refusal: Refusal) => {
      const name = refusal.kind === 'ask' ? refusal.address : refusal.error.message;
      const group = refused.get(name);
      if (group === undefined) refused.set(name, { refusal, questions: [question] });
      else group.questions.push(question);
    };
    for (const { question, set, get } of this.#questions) {
      const reply = replies[set];
      const held = replies[get];
      if (reply instanceof Error) refuse(question, refusalOf(reply));
      else if (held instanceof Error) refuse(question, refusalOf(held));
      else if (reply !== 'OK' && (get === -1 || String(held) !== question.attempt))
        question.settle('replayed');
      else if (nowMs >= question.expiresAtMs || question.expiresAtMs - lifetimeMs < floorMs)
        question.settle('stale');
      else if (hasReplicas) question.settle('fresh');
      else refuse(question, tooFew(acknowledged, wait?.replicas));
    }
    return [...refused.values()];
  }
}

function tooFew(acknowledged: number, wanted: number | undefined): Refusal {
  return {
    kind: 'never',
    error: new Error(`${acknowledged || 0} of ${wanted} replicas acknowledged in time`),
  };
}

function refusalOf(error: Error): Refusal {
  const [code = '', , address = ''] = error.message.split(' ');
  if (code === 'ASK') return { kind: 'ask', address };
  return { kind: KINDS[code] ?? 'never', error: withoutArguments(error) };
}

/** Some messages repeat the command, and a key is part of a token's signature. */
export function withoutArguments(error: Error): Error {
  return new Error(error.message.replace(/,? with args beginning with.*$/s, ''));
}
