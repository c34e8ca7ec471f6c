import { freshLibrary } from '../lib/library.js';
import { ownMs, takenMs } from './processor.js';
import type { Measured } from './results.js';

const { createIssuer, generateKeys } = await freshLibrary();

const HOST = 'example.com';
export const HOSTS = { [HOST]: generateKeys() };
const JID = `alice@${HOST}`;
const issuer = await createIssuer({ hosts: HOSTS });

/** A verifier with a guard of any kind. */
export interface Subject {
  verifyBatch(jids: readonly string[], tokens: readonly string[]): Answer | Promise<Answer>;
  dispose(): void | Promise<void>;
}

interface Answer {
  readonly accepted: number;
}

export interface Load {
  /** How many tokens a call has. */
  readonly batch: number;
  /** How many calls of each subject are under way. */
  readonly atOnce: number;
  readonly durationMs: number;
  /** The store's processes. */
  readonly pids: readonly number[];
}

/**
 * Processor time of issuing one token here. A real verifier does not issue, so it is subtracted.
 */
const ISSUE_MS = issueMs();

/** Lets subjects accept tokens for a while, each with its own connections, and disposes of them. */
export async function measure(
  subjects: readonly Subject[],
  { batch, atOnce, durationMs, pids }: Load,
): Promise<Measured> {
  const jids = Array<string>(batch).fill(JID);
  let accepted = 0;
  let issued = 0;
  const latencies: number[] = [];
  const call = async (subject: Subject) => {
    const tokens = jids.map(() => issuer.issue(JID));
    issued += batch;
    const began = performance.now();
    const verdicts = await subject.verifyBatch(jids, tokens);
    latencies.push(performance.now() - began);
    accepted += verdicts.accepted;
  };
  const before = { own: ownMs(), store: takenMs(pids) };
  const began = performance.now();
  const end = began + durationMs;
  const work = async (subject: Subject) => {
    while (performance.now() < end) await call(subject);
  };
  await Promise.all(
    subjects.flatMap((subject) => Array.from({ length: atOnce }, () => work(subject))),
  );
  const seconds = (performance.now() - began) / 1000;
  const own = ownMs() - before.own - issued * ISSUE_MS;
  const store = takenMs(pids) - before.store;
  for (const subject of subjects) await subject.dispose();
  if (accepted !== issued) throw new Error(`${accepted} of ${issued} tokens were accepted`);
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2));
  const us = (ms: number) => Number(((ms * 1000) / accepted).toPrecision(3));
  return {
    perSecond: Math.round(accepted / seconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    ownUs: us(own),
    storeUs: us(store),
  };
}

function issueMs(): number {
  const count = 20_000;
  const issue = () => {
    for (let i = 0; i < count; i++) issuer.issue(JID);
  };
  // The engine compiles it during the first call.
  issue();
  const before = ownMs();
  issue();
  return (ownMs() - before) / count;
}
