/**
 * Ways of verifying, as something to be measured. What classes differ in must be the inputs alone, so the place in memory
 * is the same for both: bytes are copied into one array, and strings are made anew each time.
 */
import { freshLibrary } from '../lib/library.js';
import type { Measured } from './dudect.js';
import { type Bench, flat, JID, makeBench, SPOIL } from './tokens.js';

/** One input of each class. */
export type Made = readonly [first: string, second: string];
type Classes = readonly [readonly Uint8Array[], readonly Uint8Array[]];

const INPUTS = 4096;
/** Calls in one measurement of something short. */
const CALLS = 4;
const BATCH = 64;

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

function classesOf(make: () => Made): Classes {
  const pairs = Array.from({ length: INPUTS }, make);
  return [pairs.map(([first]) => bytesOf(first)), pairs.map(([, second]) => bytesOf(second))];
}

/** Strings, each its own, asked about one by one. */
function asStrings(classes: Classes, count: number, run: (texts: readonly string[]) => number): Measured {
  const texts = Array.from({ length: count }, () => '');
  return {
    inputs: INPUTS - count,
    prepare: (of, index) => {
      for (let i = 0; i < count; i++) {
        const { buffer, byteOffset, length } = classes[of][index + i]!;
        texts[i] = Buffer.from(buffer, byteOffset, length).toString('latin1');
      }
    },
    run: () => run(texts),
  };
}

export async function single(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  return asStrings(classesOf(make(bench)), CALLS, (tokens) => {
    let accepted = 0;
    for (let i = 0; i < CALLS; i++) if (verifier.verify(JID, tokens[i]!).ok) accepted++;
    return accepted;
  });
}

/** The same from bytes, which are always in one place. */
export async function fromBytes(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  const classes = classesOf(make(bench));
  const jid = bytesOf(JID);
  const token = new Uint8Array(classes[0][0]!.length);
  return {
    inputs: INPUTS,
    prepare: (of, index) => token.set(classes[of][index]!),
    run: () => (verifier.verify(jid, token).ok ? 1 : 0),
  };
}

export async function batch(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  const jids = Array.from({ length: BATCH }, () => JID);
  return asStrings(classesOf(make(bench)), BATCH, (tokens) => verifier.verifyBatch(jids, tokens).accepted);
}

export async function lines(make: (bench: Bench) => () => Made): Promise<Measured> {
  const bench = await makeBench();
  const { verifier } = bench;
  const made = make(bench);
  const classes = classesOf(() => made().map((token) => `${JID}\t${token}\n`) as unknown as Made);
  const lineBytes = classes[0][0]!.length;
  const bytes = new Uint8Array(lineBytes * BATCH);
  return {
    inputs: INPUTS - BATCH,
    prepare: (of, index) => {
      for (let i = 0; i < BATCH; i++) bytes.set(classes[of][index + i]!, i * lineBytes);
    },
    run: () => verifier.verifyLines(bytes).accepted,
  };
}

/** A comparison of 44 bytes that differ in the first byte of the signature or in the last, after other work or none. */
export async function comparison(
  equal: (given: Uint8Array, right: Uint8Array) => boolean,
  isAfterVerify = false,
): Promise<Measured> {
  const { verifier, issue } = await makeBench();
  const right: Uint8Array[] = [];
  const classes = classesOf(() => {
    const token = issue();
    right.push(bytesOf(token.slice(41)));
    return [SPOIL.firstByte(token), SPOIL.lastByte(token)];
  });
  const jid = bytesOf(JID);
  const [token, signature, expected] = [new Uint8Array(85), new Uint8Array(44), new Uint8Array(44)];
  return {
    inputs: INPUTS,
    prepare: (of, index) => {
      token.set(classes[of][index]!);
      signature.set(token.subarray(41));
      expected.set(right[index]!);
    },
    run: () => {
      const accepted = isAfterVerify && verifier.verify(jid, token).ok;
      return accepted || equal(signature, expected) ? 1 : 0;
    },
  };
}

/** Secrets whose codes are asked about in turn: with one alone, a class would be nine codes, and their own time its time. */
const SECRETS = 512;

/** A code alone. */
export async function totpCode(): Promise<Measured> {
  const { createTotp, generateKeys } = await freshLibrary();
  const at = { timeMs: Date.UTC(2026, 0, 1) };
  const totps = Array.from({ length: SECRETS }, () => createTotp({ secret: generateKeys().otpSeed }));
  const codes = totps.map((totp) => flat(totp.generate(at.timeMs)));
  const spoilt = [SPOIL.firstDigit, SPOIL.lastDigit].map((spoil) =>
    Array.from({ length: INPUTS }, (_, i) => bytesOf(spoil(codes[i % SECRETS]!))),
  );
  let [totp, code] = [totps[0]!, ''];
  for (const each of totps) each.verify('', at);
  return {
    inputs: INPUTS,
    prepare: (of, index) => {
      const { buffer, byteOffset, length } = spoilt[of]![index]!;
      totp = totps[index % SECRETS]!;
      code = Buffer.from(buffer, byteOffset, length).toString('latin1');
    },
    run: () => (totp.verify(code, at).ok ? 1 : 0),
  };
}
