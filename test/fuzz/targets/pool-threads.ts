/**
 * Two threads are shown the same tokens at once, in one batch that is cut between them: of each
 * exactly one is accepted.
 */
import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { createVerifierPool } from '../../../dist/pool/index.js';
import { PERIOD_MS, STEP } from '../../unit/token/reference.js';
import { type Code, type ReferenceRules, ReferenceVerifier } from '../reference-verifier.js';
import { DOMAINS, type Entry, entryOf, handedIn, KEY_LIST } from '../scenario.js';
import { Choices, type FuzzTarget } from '../target.js';

const RULES: ReferenceRules = {
  digits: 8,
  nonce: { min: 32, max: 32 },
  window: { past: 1, future: 1 },
  capacity: 10_000,
  prepares: true,
};
const FORM = { digits: 8, nonceDigits: [32, 32, 31, 33] };
const MAX_ENTRIES = 40;
/** More than a part of a batch has: tokens, and bytes of lines. */
const PART_TOKENS = 2048;
const PART_BYTES = 256 * 1024;
/** Steps between two inputs, so that none meets what another left in the guard. */
const APART = 20;

const keysOf = (domain: string) => (domain === 'h' ? [KEY_LIST[0]!, KEY_LIST[1]!] : [KEY_LIST[0]!]);
const hosts = Object.fromEntries(DOMAINS.map((domain) => [domain, keysOf(domain)]));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

let begin = STEP;
const clock = () => (begin + 0.5) * PERIOD_MS;
type Pool = Awaited<ReturnType<typeof createVerifierPool>>;
const opened: Pool[] = [];

async function open(): Promise<(input: Uint8Array) => Promise<void>> {
  const make = () =>
    createVerifierPool({
      hosts,
      clock,
      threads: 2,
      prepareNames: true,
      replay: { capacity: RULES.capacity },
    });
  const [batch, lines] = await Promise.all([make(), make()]);
  opened.push(batch, lines);
  return async (input) => {
    begin += APART;
    const entries = entriesOf(new Choices(input));
    if (entries.length === 0) return;
    await tryBatch(batch, entries);
    await tryLines(lines, entries);
  };
}

function entriesOf(choices: Choices): Entry[] {
  const entries: Entry[] = [];
  while (!choices.isOver && entries.length < MAX_ENTRIES)
    entries.push(entryOf(choices, FORM, begin));
  return entries;
}

function reference(): ReferenceVerifier {
  const made = new ReferenceVerifier(RULES);
  for (const domain of DOMAINS)
    made.setHost(Buffer.from(domain).toString('latin1'), keysOf(domain));
  return made;
}

/** All tokens once in the first part, and once more in the second. */
async function tryBatch(pool: Pool, entries: readonly Entry[]): Promise<void> {
  const plain = reference();
  const expected = entries.map(({ jid, token }) => plain.verify(jid, token, begin));
  const times = 2 * Math.ceil(PART_TOKENS / entries.length);
  const all = Array.from({ length: times }, () => entries.map(handedIn)).flat();
  const verdicts = await pool.verifyBatch(
    all.map(([jid]) => jid),
    all.map(([, token]) => token),
  );
  compare(
    [...verdicts].map(({ code }) => code),
    expected,
    entries.map(({ token }) => text(token)),
  );
}

async function tryLines(pool: Pool, entries: readonly Entry[]): Promise<void> {
  const once = Buffer.concat(
    entries.flatMap(({ jid, token, lineEnd }) => [jid, Buffer.from('\t'), token, lineEnd]),
  );
  const expected = reference().lines(once, begin);
  const times = 2 * Math.ceil(PART_BYTES / once.length);
  const verdicts = await pool.verifyLines(Buffer.concat(Array.from({ length: times }, () => once)));
  const split = text(once).split('\n').slice(0, -1);
  compare(
    [...verdicts].map(({ code }) => code),
    expected,
    split.map((line) => line.slice(line.indexOf('\t') + 1).replace(/\r$/, '')),
  );
}

/**
 * The codes are those of the plain reference over and over, but for which of the same tokens is the
 * one that is accepted.
 */
function compare(
  codes: readonly Code[],
  expected: readonly Code[],
  tokens: readonly string[],
): void {
  const known = (code: Code) => (code === 'accepted' ? 'replayed' : code);
  deepStrictEqual(
    codes.map(known),
    codes.map((_, i) => known(expected[i % expected.length]!)),
  );
  const accepted = (all: readonly Code[]) => {
    const times = new Map<string, number>();
    for (const [i, code] of all.entries()) {
      const token = tokens[i % tokens.length]!;
      if (code === 'accepted') times.set(token, (times.get(token) ?? 0) + 1);
    }
    return times;
  };
  const counts = (all: readonly Code[]) => [...accepted(all)].sort(([a], [b]) => (a < b ? -1 : 1));
  deepStrictEqual(counts(codes), counts(expected));
}

export const target: FuzzTarget = {
  name: 'pool-threads',
  testInputs: 5,
  seeds: [],
  words: [],
  inputs: fc.uint8Array({ minLength: 9, maxLength: 400, size: 'max' }),
  open,
  close: () => Promise.all(opened.splice(0).map((pool) => pool.close())),
};
