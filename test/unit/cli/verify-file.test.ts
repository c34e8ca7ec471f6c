import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { referenceToken } from '../../docs/cli-reference.js';
import {
  AT,
  ended,
  KEYS,
  leaks,
  NOW_MS,
  type Result,
  run,
  SECRET,
  SEED,
  start,
  temporaryFolder,
} from './binary.js';
import { runHere } from './in-process.js';

const folder = temporaryFolder();
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const pair = KEYS['example.com'];
const STEP = Math.floor(NOW_MS / 30_000);
const fresh = (jid = 'alice@example.com') => referenceToken(pair, jid, NOW_MS);
const good = (jid = 'alice@example.com') => `${jid}\t${fresh(jid)}`;
const verify = (stdin: string | Uint8Array) =>
  run(['verify', '--keys', keys, '--file', '-', ...AT], { stdin });
const verifyHere = (stdin: string | Uint8Array) =>
  runHere(['verify', '--keys', keys, '--file', '-', ...AT], { stdin });
const verdicts = ({ stdout }: Pick<Result, 'stdout'>) =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const codes = (result: Pick<Result, 'stdout'>) => verdicts(result).map(({ code }) => code);

describe('verify --file', () => {
  it('remembers as many tokens of a step as --capacity says, and names the option when the step is full', async () => {
    const lines = Array.from({ length: 200 }, () => good()).join('\n');
    const withRoom = (capacity: number) =>
      runHere(['verify', '--keys', keys, '--file', '-', '--capacity', `${capacity}`, ...AT], {
        stdin: lines,
      });
    const full = await withRoom(1);
    const rejected = codes(full).filter((code) => code !== 'accepted');
    expect(new Set(rejected)).toEqual(new Set(['guard-unavailable']));
    expect(rejected.length).toBeGreaterThan(0);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(
      /guard-unavailable +\d+ +no room .* of this step: give --capacity\n/,
    );
    const enough = await withRoom(200);
    expect({ code: enough.code, codes: new Set(codes(enough)) }).toEqual({
      code: 0,
      codes: new Set(['accepted']),
    });
  });

  it('prints a verdict for each line, in order, and a summary by code', async () => {
    const token = fresh();
    const file = folder.file(
      'mixed.tsv',
      [
        `alice@example.com\t${token}`,
        `alice@example.com\t${token}`,
        `bob@example.com\t${fresh()}`,
        `alice@example.net\t${fresh()}`,
        `alice@example.com\t${referenceToken(pair, 'alice@example.com', NOW_MS - 90_000)}`,
        good('zoë@example.com'),
        '',
      ].join('\n'),
    );
    const result = await run(['verify', '--keys', keys, '--file', file, ...AT]);
    expect(result.code).toBe(1);
    expect(verdicts(result)).toEqual([
      {
        line: 1,
        jid: 'alice@example.com',
        ok: true,
        code: 'accepted',
        step: STEP,
        drift: 0,
        keyIndex: 0,
      },
      { line: 2, jid: 'alice@example.com', ok: false, code: 'replayed' },
      { line: 3, jid: 'bob@example.com', ok: false, code: 'bad-signature' },
      { line: 4, jid: 'alice@example.net', ok: false, code: 'unknown-host' },
      { line: 5, jid: 'alice@example.com', ok: false, code: 'wrong-otp' },
      {
        line: 6,
        jid: 'zoë@example.com',
        ok: true,
        code: 'accepted',
        step: STEP,
        drift: 0,
        keyIndex: 0,
      },
    ]);
    expect(result.stderr.replace(/ {2}[A-Za-z ,]+$/gm, '')).toBe(
      [
        '6 lines: 2 accepted, 4 rejected',
        '  unknown-host              1',
        '  wrong-otp                 1',
        '  bad-signature             1',
        '  replayed                  1',
        '',
      ].join('\n'),
    );
  });

  it('ends with exit code 0 where every token was accepted', async () => {
    expect(await verify(`${good()}\n${good()}\n`)).toMatchObject({
      code: 0,
      stderr: '2 lines: 2 accepted, 0 rejected\n',
    });
  });

  it.each([
    ['the last line has no end', `${good()}\n${good()}`, ['accepted', 'accepted']],
    ['lines end with CR LF', `${good()}\r\n${good()}\r\n`, ['accepted', 'accepted']],
    ['a byte order mark comes first', `\ufeff${good()}\n`, ['accepted']],
    ['the file is empty', '', []],
    ['there are only line ends', '\n\r\n\n', ['malformed', 'malformed', 'malformed']],
    ['a CR stands alone', `${good()}\r${good()}\n`, ['malformed']],
  ])('judges each line where %s', async (_, input, expected) => {
    const result = await verifyHere(input);
    expect(codes(result)).toEqual(expected);
    expect(result.code).toBe(expected.includes('malformed') ? 1 : 0);
  });

  it('gives empty lines the verdict malformed, as the library and the gateway do', async () => {
    const result = await verifyHere(`\n${good()}\n\r\n\n${good()}\n`);
    expect(verdicts(result).map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
    expect(codes(result)).toEqual(['malformed', 'accepted', 'malformed', 'malformed', 'accepted']);
    expect(result.stderr).toMatch(/^5 lines: 2 accepted, 3 rejected\n/);
  });

  it.each([
    ['no tab', fresh()],
    ['a space for the tab', `alice@example.com ${fresh()}`],
    ['its columns swapped', `${fresh()}\talice@example.com`],
    ['a third column', `${good()}\tmore`],
    ['no jid', `\t${fresh()}`],
    ['no token', 'alice@example.com\t'],
    ['nothing but a tab', '\t'],
    ['a NUL', `alice@example.com\t\0${fresh()}`],
    ['bytes that are no UTF-8', Buffer.from(`alice\xff@example.com\t${fresh()}`, 'latin1')],
    ['a megabyte behind its tab', `alice@example.com\t${'1'.repeat(1_000_000)}`],
    ['a megabyte and no tab', 'x'.repeat(1_000_000)],
  ])('rejects a line with %s as malformed, and verifies those after it', async (_, broken) => {
    const result = await verifyHere(
      Buffer.concat([`${good()}\n`, broken, `\n${good()}\n`].map((part) => Buffer.from(part))),
    );
    expect(result.code).toBe(1);
    expect(verdicts(result).map(({ line, code }) => `${line} ${code}`)).toEqual([
      '1 accepted',
      '2 malformed',
      '3 accepted',
    ]);
    // What looks like a token or a key is shown nowhere, on whichever side of the tab it stands.
    const token = /\d{40} \S{44}/.exec(`${broken}`)?.[0] ?? fresh();
    expect(leaks(result.stdout + result.stderr, [token, SEED, SECRET])).toEqual([]);
  });

  it('gives the same verdicts however the input is cut into chunks', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => good(`user${i}é@example.com`)).join('\r\n');
    const child = start(['verify', '--keys', keys, '--file', '-', ...AT]);
    const result = ended(child);
    const bytes = Buffer.from(lines);
    for (let i = 0; i < bytes.length; i += 997) {
      child.stdin.write(bytes.subarray(i, i + 997));
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.stdin.end();
    expect(await result).toMatchObject({ code: 0, stderr: '50 lines: 50 accepted, 0 rejected\n' });
  });

  it('prints the verdict of a line before the next line arrives', async () => {
    const child = start(['verify', '--keys', keys, '--file', '-', ...AT]);
    child.stdin.write(`${good()}\n`);
    const [chunk] = await once(child.stdout, 'data');
    expect(JSON.parse(`${chunk}`)).toMatchObject({ line: 1, code: 'accepted' });
    child.stdin.end();
    expect((await ended(child)).code).toBe(0);
  });
});

describe('verify --file of many lines', () => {
  const LINES = 50_000;
  const tokens = Array.from({ length: 500 }, (_, i) => good(`user${i}@example.com`));
  const input = Buffer.from(
    Array.from({ length: LINES }, (_, i) => `${tokens[i % 500]}\n`).join(''),
  );

  it('verifies 50,000 lines from a pipe in order', async () => {
    const result = await verify(input);
    expect(result.code).toBe(1);
    const all = verdicts(result);
    expect(all).toHaveLength(LINES);
    expect(
      all.every(({ line, jid }, i) => line === i + 1 && jid === `user${i % 500}@example.com`),
    ).toBe(true);
    expect(all.filter(({ ok }) => ok)).toHaveLength(500);
    expect(result.stderr).toMatch(
      /^50,000 lines: 500 accepted, 49,500 rejected\n {2}replayed +49,500 /,
    );
  });

  it('stops reading input while nobody reads its output', async () => {
    const child = start(['verify', '--keys', keys, '--file', '-', ...AT]);
    child.stdin.on('error', () => {});
    child.stdout.pause();
    // One round is far more than the pipes and the buffers on both ways hold. On a slow machine
    // patience may end before the program has taken what it can: that makes the test weaker, never
    // wrong.
    let taken = 0;
    let isStuck = false;
    for (let round = 0; round < 40 && !isStuck; round++) {
      const done = new Promise<boolean>((resolve) => child.stdin.write(input, () => resolve(true)));
      const patience = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1000));
      isStuck = !(await Promise.race([done, patience]));
      taken += isStuck ? 0 : 1;
    }
    expect(isStuck).toBe(true);
    expect(taken).toBeLessThan(3);
    child.stdin.end();
    const result = ended(child);
    child.stdout.resume();
    expect((await result).stderr).toMatch(
      new RegExp(`^${(LINES * (taken + 1)).toLocaleString('en-US')} lines`),
    );
  });

  it('needs no more memory for more lines', async () => {
    // Asks the program, as it exits, for the most memory that it ever had.
    const preload =
      'process.on("exit",()=>process.stderr.write("\\npeak:"+process.resourceUsage().maxRSS))';
    const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(preload)}"`;
    const peakKilobytes = async (times: number) => {
      const child = start(['verify', '--keys', keys, '--file', '-', ...AT], {
        env: { NODE_OPTIONS },
      });
      child.stdout.resume();
      const result = ended(child);
      for (let i = 0; i < times; i++)
        if (!child.stdin.write(input)) await once(child.stdin, 'drain');
      child.stdin.end();
      return Number(/peak:(\d+)/.exec((await result).stderr)?.[1]);
    };
    const [few, many] = [await peakKilobytes(2), await peakKilobytes(20)];
    // 18 times 50,000 lines more are 100 MB of input and 80 MB of output.
    expect(many - few).toBeLessThan(50_000);
  });
});
