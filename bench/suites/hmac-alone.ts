import { freshLibrary } from '../lib/library.js';
import { referenceMac } from '../lib/reference-mac.js';
import type { LeftOut } from '../lib/results.js';
import { type TimesTable, timesTable } from '../lib/results.js';
import { alternate, type Candidate } from '../lib/rounds.js';
import { type LoadedPeer, loadPeers } from '../peers/index.js';
import type { Mac } from '../peers/peer.js';
import { type Suite, TURN_MS, warmUp } from './suite.js';

/** The message of a token: OTP, nonce and a jid of 17 bytes; and of 32 bytes. */
const LENGTHS = [57, 72];
const ITEMS = 2048;
const WARM_UP_ROUNDS = 20;
const MAX_CHECKED_BYTES = 200;
/** As many random bytes as one call gives. */
const MAX_DRAWN_BYTES = 65_536;

/** Messages, and for each number of them the sum of the first bytes of their MACs. */
interface Messages {
  readonly messages: readonly Uint8Array[];
  readonly sums: readonly number[];
}

/** Measures HMAC-SHA-256 alone, from bytes to bytes, with a prepared key. */
export const hmacAlone: Suite = {
  name: 'hmac',
  title: 'HMAC-SHA-256 alone',
  async run(plan) {
    const key = crypto.getRandomValues(new Uint8Array(52));
    const { loaded, leftOut } = await loadPeers();
    const candidates: Candidate<Messages>[] = [];
    const faulty: LeftOut[] = [];
    for (const each of [await ourHmac(), ...loaded]) {
      const made = await candidateOf(each, key);
      if (typeof made === 'string') faulty.push({ name: each.peer.name, reason: made });
      else if (made !== undefined) candidates.push(made);
    }
    const tables: TimesTable[] = [];
    for (const [i, length] of LENGTHS.entries()) {
      const timings = await alternate({
        candidates,
        nextWork: () => messagesOf(key, length),
        items: ITEMS,
        turnMs: TURN_MS,
        warmUpRounds: warmUp(plan, WARM_UP_ROUNDS),
        budgetMs: plan.budgetMs / 3,
        minRounds: plan.minRounds,
        onRound: (share) => plan.onProgress((i + share) / LENGTHS.length),
      });
      const title = `HMAC-SHA-256 alone, ${length} bytes, key held`;
      const head = { id: `hmac-${length}`, title, item: 'MAC', leftOut: [...leftOut, ...faulty] };
      tables.push(timesTable(head, timings));
    }
    return tables;
  },
};

type Held = Pick<LoadedPeer, 'id' | 'peer'>;

async function ourHmac(): Promise<Held> {
  const { createHmac } = await freshLibrary();
  const hmac = (key: Uint8Array): Mac => {
    const held = createHmac('SHA-256', key);
    return (message) => held.digest(message);
  };
  return { id: 'ours', peer: { name: 'totp-token createHmac().digest()', hmac } };
}

/** Undefined if the peer takes only text. A string if its MACs are wrong. */
async function candidateOf(
  { id, peer }: Held,
  key: Uint8Array,
): Promise<Candidate<Messages> | string | undefined> {
  const { name } = peer;
  const kind = id === 'ours' ? 'ours' : 'peer';
  if (peer.hmacLater !== undefined) {
    const mac = await peer.hmacLater(key);
    const wrong = await wrongLength(key, mac);
    if (wrong !== undefined) return `answers wrongly: a message of ${wrong} bytes`;
    return {
      name: name.replace('verify', 'sign, one by one'),
      kind,
      turn: (work, items) => laterTurn(mac, work, items),
    };
  }
  if (peer.hmac === undefined) return undefined;
  const mac = await peer.hmac(key);
  const wrong = await wrongLength(key, mac);
  if (wrong !== undefined) return `answers wrongly: a message of ${wrong} bytes`;
  return { name, kind, turn: timer(mac) };
}

/**
 * Makes a separate loop for each candidate from text. Functions from the same source position share
 * the JIT's feedback.
 */
function timer(mac: Mac): Candidate<Messages>['turn'] {
  const loop = new Function(
    'mac',
    'messages',
    'count',
    'let sum = 0; for (let i = 0; i < count; i++) sum += mac(messages[i])[0]; return sum;',
  );
  return ({ messages, sums }, items) => (loop(mac, messages, items) === sums[items] ? items : 0);
}

async function laterTurn(
  mac: (message: Uint8Array) => Promise<Uint8Array>,
  { messages, sums }: Messages,
  items: number,
): Promise<number> {
  let sum = 0;
  for (let i = 0; i < items; i++) sum += (await mac(messages[i]!))[0]!;
  return sum === sums[items] ? items : 0;
}

/** The first length of message whose MAC is not the right one. */
async function wrongLength(
  key: Uint8Array,
  mac: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<number | undefined> {
  for (let length = 0; length <= MAX_CHECKED_BYTES; length++) {
    const message = crypto.getRandomValues(new Uint8Array(length));
    const [right, got] = [referenceMac(key, message), await mac(message)];
    if (got.length !== right.length || right.some((byte, i) => byte !== got[i])) return length;
  }
  return undefined;
}

function messagesOf(key: Uint8Array, length: number): Messages {
  const messages: Uint8Array[] = [];
  while (messages.length < ITEMS) {
    const drawn = crypto.getRandomValues(new Uint8Array(MAX_DRAWN_BYTES));
    for (let at = 0; at + length <= drawn.length && messages.length < ITEMS; at += length)
      messages.push(drawn.slice(at, at + length));
  }
  const sums = [0];
  for (const message of messages) {
    sums.push(sums.at(-1)! + referenceMac(key, message)[0]!);
  }
  return { messages, sums };
}
