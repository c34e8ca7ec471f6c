import { describe, expect, it } from 'vitest';
import { readLines } from '../../../src/text/lines.js';

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]) {
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function linesOf(
  bytes: Uint8Array,
  cuts: readonly number[],
  maxBytes = 20,
): Promise<(string | null)[]> {
  const lines: (string | null)[] = [];
  for await (const batch of readLines(chunksOf(bytes, cuts), maxBytes)) {
    for (const line of batch) lines.push(line === null ? null : new TextDecoder().decode(line));
  }
  return lines;
}

describe('readLines', () => {
  const text = Buffer.from(`\ufeffone\r\n\ntwo é\n${'x'.repeat(50)}\nthree\rfour\r\n\r\nend`);
  const expected = ['one', '', 'two é', null, 'three\rfour', '', 'end'];

  it('gives the same lines wherever the text is cut in two or three', async () => {
    expect(await linesOf(text, [])).toEqual(expected);
    for (let first = 0; first <= text.length; first++) {
      expect(await linesOf(text, [first])).toEqual(expected);
      for (let second = first; second <= text.length; second += 7) {
        expect(await linesOf(text, [first, second])).toEqual(expected);
      }
    }
  });

  it.each([
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\n', ['a', '']],
    ['\r', ['']],
  ])('splits %j into %j', async (input, lines) => {
    expect(await linesOf(Buffer.from(input), [])).toEqual(lines);
  });

  it('takes a line of exactly the allowed length, and gives null for a longer one', async () => {
    expect(await linesOf(Buffer.from(`${'a'.repeat(20)}\n${'b'.repeat(21)}\n`), [7, 25])).toEqual([
      'a'.repeat(20),
      null,
    ]);
  });
});
