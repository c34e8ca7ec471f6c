import * as otpauth from 'otpauth';
import { verifySync } from 'otplib';
import { seededRandom } from '../../tools/testbed/random.js';
import { freshLibrary, type Library } from '../lib/library.js';
import { type TimesTable, timesTable } from '../lib/results.js';
import { alternate, type Candidate } from '../lib/rounds.js';
import { codesAround, decodeBase32, windowCodes } from '../peers/codes.js';
import { HOTP_BY } from '../peers/hotp.js';
import { PERIOD_MS } from '../workloads/world.js';
import { type Suite, TURN_MS, warmUp } from './suite.js';

const DIGITS = 8;
const ITEMS = 4096;
/** Of a quick run, where each code is of another step: making them takes three HMACs each. */
const QUICK_STEPS_ITEMS = 1024;
const WARM_UP_ROUNDS = 20;
const START_MS = Date.UTC(2026, 0, 1);

/** Codes of the window's three steps, each with the time at which it is sent. */
interface Codes {
  readonly codes: readonly string[];
  readonly timesMs: readonly number[];
}

/** Measures the verification of a code alone, from strings, with a prepared seed. */
export const totpAlone: Suite = {
  name: 'totp',
  title: 'TOTP alone',
  async run(plan) {
    const { generateKeys } = await freshLibrary();
    const seed = generateKeys().otpSeed;
    const workloads = [
      { id: 'totp', title: 'TOTP alone, many codes within one step', stepsACode: 0 },
      { id: 'totp-steps', title: 'TOTP alone, each code at another step', stepsACode: 10 },
    ];
    const tables: TimesTable[] = [];
    for (const [i, { id, title, stepsACode }] of workloads.entries()) {
      const items = plan.isQuick && stepsACode > 0 ? QUICK_STEPS_ITEMS : ITEMS;
      let startMs = START_MS;
      const timings = await alternate({
        candidates: await candidatesOf(seed),
        nextWork() {
          startMs += ITEMS * PERIOD_MS * 10;
          return codesOf(seed, startMs, stepsACode, items);
        },
        items,
        turnMs: TURN_MS,
        warmUpRounds: warmUp(plan, WARM_UP_ROUNDS),
        budgetMs: plan.budgetMs / 3,
        minRounds: plan.minRounds,
        onRound: (share) => plan.onProgress((i + share) / workloads.length),
      });
      tables.push(timesTable({ id, title, item: 'code', leftOut: [] }, timings));
    }
    return tables;
  },
};

async function candidatesOf(seed: string): Promise<Candidate<Codes>[]> {
  const held = (await freshLibrary()).createTotp({ secret: seed, digits: DIGITS });
  const { verifyTotp }: Library = await freshLibrary();
  const key = decodeBase32(seed);
  const theirs = new otpauth.TOTP({ secret: seed, digits: DIGITS, algorithm: 'SHA1' });
  const candidates: [
    string,
    Candidate<Codes>['kind'],
    (code: string, timeMs: number) => boolean,
  ][] = [
    ['totp-token createTotp().verify', 'ours', (code, timeMs) => held.verify(code, { timeMs }).ok],
    [
      'totp-token verifyTotp, seed given each time',
      'ours',
      (code, timeMs) => verifyTotp({ secret: seed, digits: DIGITS, code, timeMs }).ok,
    ],
    [
      'otpauth TOTP.validate',
      'peer',
      (code, timeMs) => theirs.validate({ token: code, timestamp: timeMs, window: 1 }) !== null,
    ],
    [
      'otplib verifySync',
      'peer',
      (code, timeMs) =>
        verifySync({
          token: code,
          secret: seed,
          digits: DIGITS,
          epoch: timeMs / 1000,
          epochTolerance: PERIOD_MS / 1000,
        }).valid,
    ],
    [
      `${HOTP_BY}, three HMAC-SHA-1`,
      'peer',
      (code, timeMs) => codesAround(key, Math.floor(timeMs / PERIOD_MS)).includes(Number(code)),
    ],
  ];
  const work = codesOf(seed, START_MS, 10);
  for (const [name, , isValid] of candidates) {
    const isRight = work.codes.slice(0, 64).every((code, i) => {
      const timeMs = work.timesMs[i]!;
      return isValid(code, timeMs) && !isValid(code, timeMs + 5 * PERIOD_MS);
    });
    if (!isRight) throw new Error(`${name} answers wrongly`);
  }
  return candidates.map(([name, kind, isValid]) => ({
    name,
    kind,
    turn: ({ codes, timesMs }, items) => loopFor(name)(isValid, codes, timesMs, items),
  }));
}

const loops = new Map<string, (...args: unknown[]) => number>();

/**
 * Makes a separate loop for each candidate from text. Functions from the same source position share
 * the JIT's feedback.
 */
function loopFor(name: string): (...args: unknown[]) => number {
  const loop =
    loops.get(name) ??
    (new Function(
      'isValid',
      'codes',
      'timesMs',
      'count',
      'let right = 0; for (let i = 0; i < count; i++) if (isValid(codes[i], timesMs[i])) right++; return right;',
    ) as (...args: unknown[]) => number);
  loops.set(name, loop);
  return loop;
}

function codesOf(seed: string, startMs: number, stepsACode: number, count = ITEMS): Codes {
  const random = seededRandom(startMs / 1000);
  const timesMs = Array.from({ length: count }, (_, i) => startMs + i * stepsACode * PERIOD_MS);
  let [step, window] = [-1, [] as number[]];
  const codes = timesMs.map((timeMs) => {
    const wanted = Math.floor(timeMs / PERIOD_MS);
    if (wanted !== step) [step, window] = [wanted, windowCodes(seed, wanted)];
    return `${window[random(3)]}`.padStart(DIGITS, '0');
  });
  return { codes, timesMs };
}
