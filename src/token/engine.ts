import { VerifierError } from '../errors.js';
import { Core } from '../wasm/core.js';
import { answerBatch } from './batch.js';
import { SIGNATURE_CHARS } from './format.js';
import { Keyring } from './keyring.js';
import { answerLines } from './lines.js';
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

/** A verifier's core and how to ask it: answers are numbers as the core gives them. */
export class Engine {
  readonly core: Core;
  readonly keyring: Keyring;
  readonly settings: VerifierSettings;
  readonly maxTokenBytes: number;

  /** @param firstStep - Tokens of steps before this one are stale. */
  constructor(module: WebAssembly.Module, settings: VerifierSettings, firstStep: number) {
    const { window, nonce, digits, algorithmId, capacity } = settings;
    this.core = new Core(module);
    this.settings = settings;
    this.maxTokenBytes = digits + nonce.max + 1 + SIGNATURE_CHARS;
    const { calls } = this.core;
    calls.configure(window.past, window.future, digits, nonce.min, nonce.max, algorithmId);
    this.keyring = new Keyring(this.core, settings);
    const made = calls.guardCreate(window.past + window.future + 1, capacity, firstStep);
    this.core.refresh();
    if (made === 0) {
      throw new VerifierError(
        'ERR_MEMORY',
        `no memory for a replay guard of ${capacity} tokens a step; lower replay.capacity`,
      );
    }
  }

  /** Whether the core should hand back a jid that preparation may change. */
  get asks(): boolean {
    return this.settings.prepareJid !== undefined;
  }

  one(jid: unknown, token: unknown, step: number): number {
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

  many(jids: readonly unknown[], tokens: readonly unknown[], step: number): Int32Array {
    return answerBatch(this, jids, tokens, step);
  }

  lines(bytes: Uint8Array, step: number): Int32Array {
    return answerLines(this, bytes, step);
  }

  get replay(): ReplayState {
    const { calls } = this.core;
    const { past, future } = this.settings.window;
    const generations = Array.from({ length: past + future + 1 }, (_, i) => ({
      step: calls.guardStep(i),
      entries: calls.guardEntries(i),
    }));
    return {
      capacity: this.settings.capacity,
      bytes: calls.guardBytes(past + future + 1, this.settings.capacity),
      generations: generations.filter(({ step }) => step >= 0).sort((a, b) => a.step - b.step),
    };
  }

  wipe(): void {
    this.core.calls.wipe();
  }
}
