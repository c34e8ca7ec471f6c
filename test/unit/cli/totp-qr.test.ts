/** QR codes of the command, read by jsQR, which shares no code with what draws them. */
import { PassThrough } from 'node:stream';
import jsqr from 'jsqr';
import { describe, expect, it } from 'vitest';
import { terminalCode } from '../../../src/cli/qr-code.js';
import { otpauthUri, parseOtpauthUri } from '../../../src/index.js';
import { leaks, SEED, temporaryFolder } from './binary.js';
import { contextOf, runHere } from './in-process.js';

const jsQR = jsqr as unknown as typeof jsqr.default;
const folder = temporaryFolder();
const secretFile = folder.file('seed.txt', `${SEED}\n`);
const label = ['--account', 'älice', '--issuer', 'Example & Co'];
const args = ['totp', '--secret-file', secretFile, '--digits', '6', ...label];
const URI = otpauthUri({ account: 'älice', issuer: 'Example & Co', secret: SEED, digits: 6 });

const PIXELS = 4;
const QUIET_ZONE = 4;

/** What a camera reads of a code's rows, `true` for a dark module. */
function textOf(rows: readonly (readonly boolean[])[]): string | undefined {
  const size = rows[0]!.length;
  const data = new Uint8ClampedArray(rows.length * PIXELS * size * PIXELS * 4).fill(255);
  for (let y = 0; y < rows.length * PIXELS; y++) {
    for (let x = 0; x < size * PIXELS; x++) {
      const isDark = rows[Math.floor(y / PIXELS)]![Math.floor(x / PIXELS)];
      if (isDark) data.fill(0, (y * size * PIXELS + x) * 4, (y * size * PIXELS + x) * 4 + 3);
    }
  }
  return jsQR(data, size * PIXELS, rows.length * PIXELS, { inversionAttempts: 'dontInvert' })?.data;
}

/** Two rows of modules a line: light ones are drawn. The number of rows is odd. */
const rowsOfBlocks = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .flatMap((line) => [
      [...line].map((char) => char === ' ' || char === '▄'),
      [...line].map((char) => char === ' ' || char === '▀'),
    ])
    .slice(0, -1);

function rowsOfSvg(svg: string): boolean[][] {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]) / 10;
  const rows = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  for (const [, x, y] of svg.matchAll(/M(\d+),(\d+)h10v10h-10z/g))
    rows[Number(y) / 10]![Number(x) / 10] = true;
  return rows;
}

const isQuiet = (rows: readonly (readonly boolean[])[]) =>
  rows.slice(0, QUIET_ZONE).every((row) => !row.includes(true)) &&
  rows.every((row) => !row.slice(0, QUIET_ZONE).includes(true));

describe('totp --qr and --svg', () => {
  it('--qr prints a code that a camera reads as the URI', async () => {
    const { code, stdout, stderr } = await runHere([...args, '--qr']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = rowsOfBlocks(stdout);
    expect(textOf(rows)).toBe(URI);
    expect(isQuiet(rows)).toBe(true);
  });

  it('--svg prints an image that a camera reads as the URI', async () => {
    const { code, stdout, stderr } = await runHere([...args, '--svg']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>\n$/);
    const rows = rowsOfSvg(stdout);
    expect(textOf(rows)).toBe(URI);
    expect(isQuiet(rows)).toBe(true);
    expect(leaks(stdout, [SEED])).toEqual([]);
  });

  it('both take what --otpauth takes: the code of a URI holds that URI', async () => {
    const { stdout } = await runHere(['totp', '--uri', '-', '--svg'], { stdin: URI });
    expect(parseOtpauthUri(textOf(rowsOfSvg(stdout))!)).toEqual(parseOtpauthUri(URI));
  });

  it('--qr reads the same whatever the secret is long, up to the largest code', async () => {
    // 1000 would make version 23, of which jsQR has a wrong place for an alignment pattern.
    for (const chars of [16, 200, 1500, 2800]) {
      const file = folder.file(`seed-${chars}.txt`, 'A'.repeat(chars));
      const options = ['totp', '--secret-file', file, '--account', 'a', '--qr'];
      const { stdout } = await runHere(options);
      const secret = new Uint8Array(Math.floor((chars * 5) / 8));
      expect(textOf(rowsOfBlocks(stdout))).toBe(otpauthUri({ account: 'a', secret }));
    }
  });

  it.each([
    ['a URI that no QR code holds', ['--qr'], /^error: --qr: the URI has \d+ characters, /],
    ['a URI that no QR code holds', ['--svg'], /^error: --svg: the URI has \d+ characters, /],
    ['both at once', ['--qr', '--svg'], /^error: --qr and --svg: give one of them/],
    ['--qr beside --check', ['--qr', '--check', '1'], /--qr and --check: give one of them/],
    ['--svg beside --json', ['--svg', '--json'], /--svg and --json: give one of them/],
  ])('refuses %s, and shows no secret', async (_, options, message) => {
    const file = folder.file('long.txt', 'A'.repeat(2900));
    const result = await runHere(['totp', '--secret-file', file, '--account', 'a', ...options]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(leaks(result.stderr, ['AAAA'])).toEqual([]);
  });
});

describe('on a terminal', () => {
  const terminal = (columns: number, env: Record<string, string> = {}) => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns });
    return { ...contextOf({ env: { TERM: 'xterm', ...env } }), stdout };
  };

  it('the code is white on black in a terminal of any colours', () => {
    const lines = terminalCode(terminal(80), URI, '--qr').trimEnd().split('\n');
    const [paint, reset] = ['\u001b[38;5;231;48;5;16m', '\u001b[0m'];
    expect(lines.every((line) => line.startsWith(paint) && line.endsWith(reset))).toBe(true);
    const plain = lines.map((line) => line.slice(paint.length, -reset.length)).join('\n');
    expect(plain).toMatch(/^[ ▀▄█\n]+$/);
    expect(textOf(rowsOfBlocks(plain))).toBe(URI);
  });

  it('the code has no colours where NO_COLOR is set', () => {
    expect(terminalCode(terminal(80, { NO_COLOR: '1' }), URI, '--qr')).toMatch(/^[ ▀▄█\n]+$/);
  });

  it('a code that is wider than the terminal is refused', () => {
    const width = [...terminalCode(terminal(80, { NO_COLOR: '1' }), URI, '--qr').split('\n')[0]!]
      .length;
    expect(() => terminalCode(terminal(width), URI, '--qr')).not.toThrow();
    expect(() => terminalCode(terminal(width - 1), URI, '--qr')).toThrow(
      `--qr: the code is ${width} characters wide, the terminal ${width - 1}; widen it, or use --svg`,
    );
  });
});
