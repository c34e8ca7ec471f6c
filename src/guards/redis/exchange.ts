import { mayPrecede } from '../guard.js';
import type { Command } from './connection.js';
import { creationKey, type MemoryFacts, textOf } from './creation.js';
import type { Settings } from './options.js';
import type { Question } from './question.js';
import type { ServerClock } from './server-clock.js';

/**
 * What is said of a question where there is no answer: `ask` another node, for this once;
 * `elsewhere`, on another server; the server is `demoted` to a replica; `later` it may; `never`; it
 * is `down`, and not asked for now.
 */
export type Refusal =
  | { readonly kind: 'ask'; readonly address: string }
  | { readonly kind: 'elsewhere' | 'demoted' | 'later' | 'never' | 'down'; readonly error: Error };

/** Questions that have met with the same refusal. */
export interface Refused {
  readonly refusal: Refusal;
  readonly questions: readonly Question[];
}

/**
 * What may pass by itself: a cluster that moves slots or elects a master, a server that loads its
 * data.
 */
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
 *     PEXPIREAT key end                and, with WAIT, a write after which the replicas have it, by
 *                                      this connection
 *     GET creation                     whether it still has what it had: see creation.ts
 *     TIME                             by the server's clock, now that all are written
 *     INFO stats                       how many keys it has evicted until then
 *     WAIT replicas timeout            if asked for
 *
 * `end` comes from the mark's `keepUntilMs`, which all verifiers of a period have in common: nobody
 * shortens a mark's life. `TIME` comes after the writes, so a mark whose step is not over by then
 * was written while its `end` lay ahead: no mark is `fresh` that the server may have forgotten,
 * however the clocks go.
 */
export class Exchange {
  readonly commands: readonly Command[];
  readonly #questions: readonly {
    readonly question: Question;
    readonly set: number;
    readonly get: number;
  }[];
  readonly #creation: number;
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
      const end = String(question.keepUntilMs + settings.marginMs);
      const set = push('SET', key, attempt, 'NX', 'PXAT', end);
      const get = question.mayBeKnown ? push('GET', key) : -1;
      if (question.mayBeKnown && settings.wait !== undefined) push('PEXPIREAT', key, end);
      return { question, set, get };
    });
    // Nodes of a cluster have none: its slot may be anywhere.
    this.#creation = settings.kind === 'cluster' ? -1 : push('GET', creationKey(settings.prefix));
    commands.push(['TIME'], ['INFO', 'stats']);
    const { wait } = settings;
    if (wait !== undefined) commands.push(['WAIT', String(wait.replicas), String(wait.timeoutMs)]);
    this.commands = commands;
    this.#settings = settings;
  }

  /**
   * Settles the questions that are answered.
   *
   * @param floorAfter - Told what the server said of its memory, gives the floor: tokens that were
   *   good before it may have been accepted, and forgotten.
   * @returns The others.
   * @throws {Error} The replies are not those of a Redis server.
   */
  read(
    replies: readonly unknown[],
    clock: ServerClock,
    floorAfter: (memory: MemoryFacts) => number,
  ): readonly Refused[] {
    const { wait, lifetimeMs } = this.#settings;
    const { length } = this.commands;
    if (replies.length !== length)
      throw new Error(`${replies.length} replies to ${length} commands`);
    const [time, stats, last] = replies.slice(wait === undefined ? -2 : -3);
    const nowMs = clock.take(time);
    const floorMs = floorAfter({
      nowMs,
      evictedKeys: evictedKeysOf(stats),
      creation: textOf(replies[this.#creation]),
    });
    const acknowledged = wait === undefined ? 0 : Number(last);
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
      else if (reply !== 'OK' && reply !== null) refuse(question, ODD);
      else if (reply === null && (get === -1 || String(held) !== question.attempt))
        question.settle('replayed');
      else if (nowMs >= question.expiresAtMs || mayPrecede(question, floorMs, lifetimeMs))
        question.settle('stale');
      else if (hasReplicas) question.settle('fresh');
      else refuse(question, tooFew(acknowledged, wait?.replicas));
    }
    return [...refused.values()];
  }
}

const ODD: Refusal = { kind: 'never', error: new Error('a reply to SET that SET does not give') };

/**
 * How many keys a server has evicted, out of its reply to `INFO`.
 *
 * @throws {Error} It does not say.
 */
export function evictedKeysOf(info: unknown): number {
  const found = typeof info === 'string' && /^evicted_keys:(\d+)\r?$/m.exec(info)?.[1];
  if (!found) throw new Error('the server does not tell its evicted_keys');
  return Number(found);
}

function tooFew(acknowledged: number, wanted: number | undefined): Refusal {
  return {
    kind: 'never',
    error: new Error(`${acknowledged || 0} of ${wanted} replicas acknowledged in time`),
  };
}

/**
 * The code of a refusal is the first word of its text: the protocol has no other place for it, and
 * the client's `ErrorReply` has the text alone.
 */
function refusalOf(error: Error): Refusal {
  const [code = '', , address = ''] = error.message.split(' ');
  if (code === 'ASK') return { kind: 'ask', address };
  return { kind: KINDS[code] ?? 'never', error: withoutArguments(error) };
}

/** Some messages repeat the command, and a key is part of a token's signature. */
export function withoutArguments(error: Error): Error {
  return new Error(error.message.replace(/,? with args beginning with.*$/s, ''));
}
