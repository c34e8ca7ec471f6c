/**
 * Ways of verifying, for measurement. The classes must differ only in their inputs, so the place in
 * memory is the same for both: bytes are copied into one array, and strings are made again each
 * time.
 */
import { freshLibrary } from '../lib/library.js';
import type { Measured } from './dudect.js';
import { type Bench, flat, JID, makeBench, makeMixedBench, SPOIL, type Spoil } from './tokens.js';

/** One input of each class. */
export type Made = readonly [first: string, second: string];

const INPUTS = 4096;
/** How many calls one measurement of short work has. */
const CALLS = 4;
const BATCH = 64;
const LANES = 4;

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

/**
 * Inputs of one length. Those of both classes alternate in one piece of memory, so that the place
 * does not depend on the class.
 */
class Pool {
  readonly #bytes: Uint8Array;
  /** The length of an input in bytes. */
  readonly length: number;

  constructor(make: () => Made) {
    const texts = Array.from({ length: INPUTS }, make).flat();
    this.length = texts[0]!.length;
    this.#bytes = bytesOf(texts.join(''));
  }

  at(of: 0 | 1, index: number): Uint8Array {
    const start = (2 * index + of) * this.length;
    return this.#bytes.subarray(start, start + this.length);
  }

  textAt(of: 0 | 1, index: number): string {
    const start = (2 * index + of) * this.length;
    return Buffer.from(this.#bytes.buffer, start, this.length).toString('latin1');
  }
}

/** Measures separate strings, one by one. */
function asStrings(pool: Pool, count: number, run: (texts: readonly string[]) => number): Measured {
  const texts = Array.from({ length: count }, () => '');
  return {
    inputs: INPUTS - count,
    prepare: (of, index) => {
      for (let i = 0; i < count; i++) texts[i] = pool.textAt(of, index + i);
    },
    run: () => run(texts),
  };
}

export async function single(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  return asStrings(new Pool(make(bench)), CALLS, (tokens) => {
    let accepted = 0;
    for (let i = 0; i < CALLS; i++) if (verifier.verify(JID, tokens[i]!).ok) accepted++;
    return accepted;
  });
}

/** The same with bytes, which are always in the same place. */
export async function fromBytes(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  const pool = new Pool(make(bench));
  const jid = bytesOf(JID);
  const token = new Uint8Array(pool.length);
  return {
    inputs: INPUTS,
    prepare: (of, index) => token.set(pool.at(of, index)),
    run: () => (verifier.verify(jid, token).ok ? 1 : 0),
  };
}

export async function batch(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  const jids = Array.from({ length: BATCH }, () => JID);
  return asStrings(
    new Pool(make(bench)),
    BATCH,
    (tokens) => verifier.verifyBatch(jids, tokens).accepted,
  );
}

/**
 * Tokens of several hosts and of both keys of each, so that no two lanes of a group share a key
 * block.
 */
export async function mixedBatch(first: Spoil, second: Spoil): Promise<Measured> {
  const { verifier, jids, issue } = await makeMixedBench();
  let made = 0;
  const pool = new Pool(() => {
    const token = issue(made++);
    return [first(token), second(token)];
  });
  const texts = Array.from({ length: BATCH }, () => '');
  const whose = Array.from({ length: BATCH }, () => '');
  return {
    inputs: INPUTS - BATCH,
    prepare: (of, index) => {
      for (let i = 0; i < BATCH; i++) {
        texts[i] = pool.textAt(of, index + i);
        whose[i] = jids[(index + i) % jids.length]!;
      }
    },
    run: () => verifier.verifyBatch(whose, texts).accepted,
  };
}

/** The wrong lane of four, and its fault. */
type WrongLane = readonly [lane: 0 | 1 | 2 | 3, spoil: Spoil];

/**
 * Groups of four lanes with one wrong token each. The others are right and were shown before, so
 * that no call accepts one.
 */
export async function wrongLane(first: WrongLane, second: WrongLane): Promise<Measured> {
  const { verifier, issue } = await makeBench();
  const pool = new Pool(() => {
    const tokens = Array.from({ length: LANES }, () => issue());
    for (const token of tokens) verifier.verify(JID, token);
    const group = ([wrong, spoil]: WrongLane): string =>
      tokens.map((token, lane) => `${JID}\t${lane === wrong ? spoil(token) : token}\n`).join('');
    return [group(first), group(second)];
  });
  const groups = BATCH / LANES;
  const bytes = new Uint8Array(pool.length * groups);
  return {
    inputs: INPUTS - groups,
    prepare: (of, index) => {
      for (let i = 0; i < groups; i++) bytes.set(pool.at(of, index + i), i * pool.length);
    },
    run: () => verifier.verifyLines(bytes).accepted,
  };
}

export async function lines(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  const made = make(bench);
  const pool = new Pool(() => made().map((token) => `${JID}\t${token}\n`) as unknown as Made);
  const bytes = new Uint8Array(pool.length * BATCH);
  return {
    inputs: INPUTS - BATCH,
    prepare: (of, index) => {
      for (let i = 0; i < BATCH; i++) bytes.set(pool.at(of, index + i), i * pool.length);
    },
    run: () => verifier.verifyLines(bytes).accepted,
  };
}

/**
 * A comparison of 44 bytes that differ in the first byte of the signature or in the last,
 * optionally after other work.
 */
export async function comparison(
  equal: (given: Uint8Array, right: Uint8Array) => boolean,
  isAfterVerify = false,
): Promise<Measured> {
  const { verifier, issue } = await makeBench();
  const right: Uint8Array[] = [];
  const pool = new Pool(() => {
    const token = issue();
    right.push(bytesOf(token.slice(41)));
    return [SPOIL.firstByte(token), SPOIL.lastByte(token)];
  });
  const jid = bytesOf(JID);
  const [token, signature, expected] = [new Uint8Array(85), new Uint8Array(44), new Uint8Array(44)];
  return {
    inputs: INPUTS,
    prepare: (of, index) => {
      token.set(pool.at(of, index));
      signature.set(token.subarray(41));
      expected.set(right[index]!);
    },
    run: () => {
      const accepted = isAfterVerify && verifier.verify(jid, token).ok;
      return accepted || equal(signature, expected) ? 1 : 0;
    },
  };
}

/**
 * The number of secrets whose codes are verified in turn. With one secret, a class would have only
 * nine codes, and their individual times would matter.
 */
const SECRETS = 512;

/** Measures a code alone. */
export async function totpCode(): Promise<Measured> {
  const { createTotp, generateKeys } = await freshLibrary();
  const at = { timeMs: Date.UTC(2026, 0, 1) };
  const totps = Array.from({ length: SECRETS }, () =>
    createTotp({ secret: generateKeys().otpSeed }),
  );
  const codes = totps.map((totp) => flat(totp.generate(at.timeMs)));
  let made = 0;
  const pool = new Pool(() => {
    const code = codes[made++ % SECRETS]!;
    return [SPOIL.firstDigit(code), SPOIL.lastDigit(code)];
  });
  let [totp, code] = [totps[0]!, ''];
  for (const each of totps) each.verify('', at);
  return {
    inputs: INPUTS,
    prepare: (of, index) => {
      totp = totps[index % SECRETS]!;
      code = pool.textAt(of, index);
    },
    run: () => (totp.verify(code, at).ok ? 1 : 0),
  };
}
