import { mayPrecede } from '../guard.js';
import type { Command } from './connection.js';
import { creationKey, type MemoryFacts, textOf } from './creation.js';
import type { Settings } from './options.js';
import type { Question } from './question.js';
import type { ServerClock } from './server-clock.js';

/**
 * Why a question has no answer. `ask`: ask another node, this once. `elsewhere`: the key is on
 * another server. `demoted`: the server has become a replica. `later`: try again later. `never`:
 * asking again does not help. `down`: the server is not asked for now.
 */
export type Refusal =
  | { readonly kind: 'ask'; readonly address: string }
  | { readonly kind: 'elsewhere' | 'demoted' | 'later' | 'never' | 'down'; readonly error: Error };

/** Questions with the same refusal. */
export interface Refused {
  readonly refusal: Refusal;
  readonly questions: readonly Question[];
}

/**
 * Error codes that may pass by themselves: a cluster moves slots or elects a master, or a server
 * loads its data.
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
 * Turns questions into commands for one server, and its replies into answers:
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
 * `end` comes from the mark's `keepUntilMs`, which is the same for all verifiers of a period, so no
 * verifier shortens a mark's life. `TIME` comes after the writes. If the step of a mark is not over
 * by then, the mark was written before its `end`. So no mark is `fresh` that the server may have
 * forgotten, no matter how the clocks run.
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
      // Valid for one command: lets a node answer for a slot that is moving to it.
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
    // Nodes of a cluster have no such key, because its slot may be on any node.
    this.#creation = settings.kind === 'cluster' ? -1 : push('GET', creationKey(settings.prefix));
    commands.push(['TIME'], ['INFO', 'stats']);
    const { wait } = settings;
    if (wait !== undefined) commands.push(['WAIT', String(wait.replicas), String(wait.timeoutMs)]);
    this.commands = commands;
    this.#settings = settings;
  }

  /**
   * Settles the questions that have an answer.
   *
   * @param floorAfter - Takes the facts about the server's memory and returns the floor. Tokens
   *   that were valid before the floor may have been accepted and forgotten.
   * @returns The questions without an answer.
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
 * Reads how many keys a server has evicted from its reply to `INFO`.
 *
 * @throws {Error} The reply does not say it.
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
 * Classifies a refusal by its code, the first word of its text. The protocol has no other place for
 * the code, and the client's `ErrorReply` holds only the text.
 */
function refusalOf(error: Error): Refusal {
  const [code = '', , address = ''] = error.message.split(' ');
  if (code === 'ASK') return { kind: 'ask', address };
  return { kind: KINDS[code] ?? 'never', error: withoutArguments(error) };
}

/** Removes the command that some messages repeat, because a key is part of a token's signature. */
export function withoutArguments(error: Error): Error {
  return new Error(error.message.replace(/,? with args beginning with.*$/s, ''));
}
