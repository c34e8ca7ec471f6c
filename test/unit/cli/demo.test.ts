import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { GOOD } from '../../../src/cli/demo/categories.js';
import { seededRandom, shuffle } from '../../../src/cli/demo/makers.js';
import { CATEGORIES } from '../../../src/cli/demo/mix.js';
import { Outcome } from '../../../src/cli/demo/report.js';
import { run } from './binary.js';
import { runHere } from './in-process.js';

const plain = pc.createColors(false);

describe('demo', () => {
  it('issues 100,000 tokens and gets the right verdict for each', async () => {
    const { code, stdout, stderr } = await run(['demo']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('✓ issued 100,000 tokens for 1,000 names\n');
    expect(stdout).toMatch(/✓ mixed in 12,000 bad ones and shuffled all \(--seed \d+\)\n/);
    expect(stdout).toMatch(/✓ verified 112,000 tokens in \d+\.\d\d s: [\d,]+ a second\n/);
    expect(stdout).toContain('✓ 112,000 verdicts, all as expected\n');
    expect(stdout).not.toContain('✗');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a pipe gets no control sequences
    expect(stdout).not.toMatch(/\u001b/);
    for (const { title, expected } of CATEGORIES) {
      const row = new RegExp(
        `^  ${title.replaceAll('.', '\\.')} +([\\d,]+)  ${expected.code}\\b.*  \\1 ${expected.code} +✓$`,
        'm',
      );
      expect(stdout, title).toMatch(row);
    }
  });

  it('shows a real token and names its parts', async () => {
    const { stdout } = await runHere(['demo', '--tokens', '100']);
    expect(stdout).toMatch(
      /\n {2}\d{40} [A-Za-z0-9+/]{43}=\n {2}└ OTP ─┘└─+ nonce ─+┘ └─+ signature ─+┘\n/,
    );
  });

  it.each(['100', '101', '1999'])('gets the right verdicts for %s tokens too', async (tokens) => {
    expect(await runHere(['demo', '--tokens', tokens, '--seed', '7'])).toMatchObject({ code: 0 });
  });

  it.each([
    ['--tokens', '99'],
    ['--tokens', '1000001'],
    ['--seed', '-1'],
    ['--seed', 'x'],
  ])('refuses %s %s with exit code 2', async (...args) => {
    const { code, stdout, stderr } = await runHere(['demo', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error: ${args[0]}: `));
  });
});

describe('the outcome', () => {
  const accepted = { ok: true, code: 'accepted', step: 1, drift: 0, keyIndex: 0 } as const;
  const kind = (title: string) => CATEGORIES.findIndex((each) => each.title === title);

  it.each([
    ['a bad token that is accepted', 'replayed', accepted],
    ['a good token that is rejected', 'of this step', { ok: false, code: 'wrong-otp' } as const],
    ['a rejection for another reason', 'expired', { ok: false, code: 'bad-signature' } as const],
    ['a token accepted in another step', 'of the step before', accepted],
    ['a token accepted by another key', 'changing keys: old', accepted],
  ])('counts %s as wrong', (_, title, verdict) => {
    const outcome = new Outcome();
    outcome.add(kind(title), verdict);
    expect(outcome.wrong).toBe(1);
    expect(outcome.table(plain)).toMatch(/✗/);
  });

  it('counts nothing as wrong where all is right', () => {
    const outcome = new Outcome();
    outcome.add(kind('of this step'), accepted);
    expect(outcome.wrong).toBe(0);
  });
});

describe('the mix', () => {
  it('gives every good token a kind', () => {
    expect(GOOD.reduce((sum, { share }) => sum + share, 0)).toBe(20);
  });

  it('is shuffled in the same order by the same seed', () => {
    const shuffled = (seed: number) => {
      const items = Array.from({ length: 100 }, (_, i) => i);
      shuffle(items, seededRandom(seed));
      return items;
    };
    expect(shuffled(7)).toEqual(shuffled(7));
    expect(shuffled(7)).not.toEqual(shuffled(8));
    expect(shuffled(7).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
