import { VerifierError } from '../errors.js';
import type { Core } from '../wasm/core.js';
import { SIGNATURE_CHARS } from './format.js';
import { Keyring } from './keyring.js';
import type { MarkList } from './mark-list.js';
import type { VerifierSettings } from './options.js';
import { prepared, writeRequest } from './request.js';
import { ASK_PREPARED, MALFORMED } from './verdict.js';

/** What the replay guard holds. */
export interface ReplayState {
  /** Tokens that each step has room for. */
  readonly capacity: number;
  /** Bytes of the guard's tables, all steps together. */
  readonly bytes: number;
  /** The steps that it remembers now and how many tokens of each it has accepted. */
  readonly generations: readonly { readonly step: number; readonly entries: number }[];
}

/** A guard has one generation for each step of the window. */
export function generationsOf({ window }: VerifierSettings): number {
  return window.past + window.future + 1;
}

export function noGuardMemory(capacity: number): VerifierError {
  const fault = `no memory for a replay guard of ${capacity} tokens a step; lower replay.capacity`;
  return new VerifierError('ERR_MEMORY', fault);
}

/** A verifier's core and how to ask it: answers are numbers as the core gives them. */
export class Engine {
  readonly core: Core;
  readonly keyring: Keyring;
  readonly settings: VerifierSettings;
  readonly maxTokenBytes: number;
  /** Where the marks of the tokens that are asked about go, when another guard decides. */
  marks: MarkList | undefined;

  constructor(core: Core, settings: VerifierSettings) {
    const { window, nonce, digits, algorithmId } = settings;
    this.core = core;
    this.settings = settings;
    this.maxTokenBytes = digits + nonce.max + 1 + SIGNATURE_CHARS;
    core.calls.configure(window.past, window.future, digits, nonce.min, nonce.max, algorithmId);
    this.keyring = new Keyring(core, settings);
  }

  /**
   * Gives the core a replay guard of its own.
   *
   * @param firstStep - Tokens of steps before this one are stale.
   * @throws {VerifierError} `ERR_MEMORY`.
   */
  layGuard(firstStep: number): void {
    const { capacity } = this.settings;
    const made = this.core.calls.guardCreate(generationsOf(this.settings), capacity, firstStep);
    this.core.refresh();
    if (made === 0) throw noGuardMemory(capacity);
  }

  /** Whether the core should hand back a jid that preparation may change. */
  get asks(): boolean {
    return this.settings.prepareJid !== undefined;
  }

  /** Answers one token. */
  one(jid: unknown, token: unknown, step: number): number {
    const answer = this.#ask(jid, token, step);
    this.answered(1);
    return answer;
  }

  /** To be called after each call of the core, with the number of tokens that it answered. */
  answered(count: number): void {
    this.marks?.take(this.core, count);
  }

  #ask(jid: unknown, token: unknown, step: number): number {
    const { core, maxTokenBytes, settings } = this;
    const { prepareJid } = settings;
    const jidBytes = writeRequest(core, jid, token, maxTokenBytes);
    if (jidBytes < 0) return MALFORMED;
    const { length } = token as string | Uint8Array;
    const answer = core.calls.verify(length, jidBytes, step, prepareJid !== undefined);
    if (answer !== ASK_PREPARED || prepareJid === undefined) return answer;

    const name = prepared(jid as string | Uint8Array, prepareJid);
    const nameBytes = writeRequest(core, name, token, maxTokenBytes);
    return nameBytes < 0 ? MALFORMED : core.calls.verify(length, nameBytes, step, false);
  }

  get replay(): ReplayState {
    const { calls } = this.core;
    const count = generationsOf(this.settings);
    const generations = Array.from({ length: count }, (_, i) => ({
      step: calls.guardStep(i),
      entries: calls.guardEntries(i),
    }));
    return {
      capacity: this.settings.capacity,
      bytes: calls.guardBytes(count, this.settings.capacity),
      generations: generations.filter(({ step }) => step >= 0).sort((a, b) => a.step - b.step),
    };
  }

  wipe(): void {
    this.core.calls.wipe();
  }
}
