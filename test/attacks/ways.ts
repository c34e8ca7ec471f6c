/**
 * Every way of asking a verifier, behind one interface: an attack that one of them stops must be stopped
 * by all.
 */
import { createVerifierPool } from '../../dist/pool/index.js';
import {
  createVerifier,
  type HostKeys,
  type TokenVerifier,
  type Verdict,
  type VerifierOptions,
  verifyStream,
} from '../../src/index.js';
import { prepareJid } from '../../src/xmpp/prepare-jid.js';
import { KEYS, PERIOD_MS, STEP, withChar } from '../unit/token/reference.js';

export interface Entry {
  readonly jid: string;
  readonly token: string;
}
export type Code = Verdict['code'];

export type RigOptions = Pick<
  VerifierOptions,
  'hosts' | 'window' | 'digits' | 'nonceDigits' | 'replay'
> & {
  /** Names are prepared as XMPP servers do. */
  readonly preparing?: boolean;
};

/** A verifier asked in one way, with a clock to be written to. */
export interface Rig {
  readonly clock: { timeMs: number };
  /** Entries that its guard holds. */
  readonly entries: () => number;
  /** Puts the clock into the middle of a step. */
  at(step: number): void;
  /** Verdicts, in order. */
  ask(entries: readonly Entry[]): Promise<Code[]>;
  one(jid: string, token: string): Promise<Code>;
  setHost(domain: string, keys: HostKeys | readonly HostKeys[]): Promise<void>;
  removeHost(domain: string): Promise<void>;
}

type Verdicts = Iterable<Verdict>;
type Ask = (verifier: TokenVerifier, entries: readonly Entry[]) => Verdicts | Promise<Verdicts>;

const jidsOf = (entries: readonly Entry[]) => entries.map(({ jid }) => jid);
const tokensOf = (entries: readonly Entry[]) => entries.map(({ token }) => token);

/** No jid and no token of the attacks holds a TAB or an LF, so lines say the same. */
export function linesOf(entries: readonly Entry[]): Uint8Array {
  return new TextEncoder().encode(entries.map(({ jid, token }) => `${jid}\t${token}\n`).join(''));
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 61) yield bytes.subarray(at, at + 61);
}

/** Not the character that the attacks themselves spoil, which would make a forgery good again. */
const forged = (token: string) => withChar(token, 60, token[60] === 'A' ? 'B' : 'A');

/**
 * In each lane in turn, beside three forgeries of itself, so that it is four of a kind whose MACs
 * are made at once.
 */
function inLanes(verifier: TokenVerifier, entries: readonly Entry[]): Verdict[] {
  return entries.map(({ jid, token }, i) => {
    const tokens = Array.from({ length: 4 }, (_, lane) => (lane === i % 4 ? token : forged(token)));
    return verifier
      .verifyBatch(
        tokens.map(() => jid),
        tokens,
      )
      .at(i % 4)!;
  });
}

/** The ways that share one verifier, and so one guard. */
export const ASKS: Readonly<Record<string, Ask>> = {
  single: (verifier, entries) => entries.map(({ jid, token }) => verifier.verify(jid, token)),
  batch: (verifier, entries) => verifier.verifyBatch(jidsOf(entries), tokensOf(entries)),
  'four lanes': inLanes,
  lines: (verifier, entries) => verifier.verifyLines(linesOf(entries)),
  stream: async (verifier, entries) => {
    const verdicts: Verdict[] = [];
    for await (const part of verifyStream(verifier, pieces(linesOf(entries))))
      verdicts.push(...part);
    return verdicts;
  },
};

/** What the ways have in common; a pool gives promises of it. */
interface Changeable {
  readonly replay: TokenVerifier['replay'];
  setHost(domain: string, keys: HostKeys | readonly HostKeys[]): unknown;
  removeHost(domain: string): unknown;
}

type Open = (options: VerifierOptions & { preparing: boolean }) => Promise<{
  verifier: Changeable;
  ask: (entries: readonly Entry[]) => unknown;
  close: () => unknown;
}>;

const openShared =
  (ask: Ask): Open =>
  async ({ preparing, ...options }) => {
    const verifier = await createVerifier({ ...options, ...(preparing && { prepareJid }) });
    return { verifier, ask: (entries) => ask(verifier, entries), close: () => verifier.dispose() };
  };

/** Threads run what is published, so they come from dist/. */
const openPool =
  (isLines: boolean): Open =>
  async ({ preparing, ...options }) => {
    const verifier = await createVerifierPool({ ...options, threads: 2, prepareNames: preparing });
    return {
      verifier,
      ask: (entries) =>
        isLines
          ? verifier.verifyLines(linesOf(entries))
          : verifier.verifyBatch(jidsOf(entries), tokensOf(entries)),
      close: () => verifier.close(),
    };
  };

const WAYS: Readonly<Record<string, Open>> = {
  ...Object.fromEntries(Object.entries(ASKS).map(([name, ask]) => [name, openShared(ask)])),
  pool: openPool(false),
  'lines of a pool': openPool(true),
};

/** Names of all ways, for `describe.each`. */
export const ALL_WAYS: readonly string[] = Object.keys(WAYS);

/**
 * Opens a rig with one host, `example.com`, in the middle of `STEP`; closes it when `use` is done.
 */
export async function withRig(
  way: string,
  options: RigOptions,
  use: (rig: Rig) => Promise<void>,
): Promise<void> {
  const clock = { timeMs: (STEP + 0.5) * PERIOD_MS };
  const { preparing = false, ...rest } = options;
  const { verifier, ask, close } = await WAYS[way]!({
    hosts: { 'example.com': KEYS },
    preparing,
    ...rest,
    clock: () => clock.timeMs,
    replay: { capacity: 10_000, ...rest.replay },
  });
  const rig: Rig = {
    clock,
    entries: () => verifier.replay.generations.reduce((sum, { entries }) => sum + entries, 0),
    at: (step) => {
      clock.timeMs = (step + 0.5) * PERIOD_MS;
    },
    ask: async (entries) => [...((await ask(entries)) as Verdicts)].map(({ code }) => code),
    one: async (jid, token) => (await rig.ask([{ jid, token }]))[0]!,
    setHost: async (domain, keys) => void (await verifier.setHost(domain, keys)),
    removeHost: async (domain) => void (await verifier.removeHost(domain)),
  };
  try {
    await use(rig);
  } finally {
    await close();
  }
}
