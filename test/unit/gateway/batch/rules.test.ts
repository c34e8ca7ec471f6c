/** A line of a batch gets the verdict of `/v1/verify`, wherever the input is cut. */
import { describe, expect, it } from 'vitest';
import { prefers } from '../../../../src/gateway/http/accept.js';
import { JID } from '../../token/reference.js';
import { freshToken, harness } from '../harness.js';

const { ask, post } = await harness({ reasons: true });

async function batch(
  pieces: readonly Uint8Array[],
  type = 'application/x-ndjson',
  accept = 'text/plain',
) {
  const chunks = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const headers = { 'content-type': type, accept };
  const answer = await ask('/v1/verify/batch', {
    method: 'POST',
    body,
    duplex: 'half',
    headers,
  } as RequestInit);
  return answer.text();
}

const json = (token: string, more = '') => `{"jid":"${JID}","token":"${token}"${more}}`;
const spaced = (token: string, bytes: number) => json(token).replace('{', `{${' '.repeat(bytes)}`);

describe('a line of a batch', () => {
  it.each<[string, (token: string) => string | Uint8Array, boolean]>([
    ['without anything else', (t) => json(t), true],
    ['with 5 kB of white space', (t) => spaced(t, 5000), true],
    ['with 16 kB of white space', (t) => spaced(t, 16_200), true],
    ['longer than a body may be', (t) => spaced(t, 16_384), false],
    ['with an extra field', (t) => json(t, ',"more":1'), false],
    ['with 5 kB of an extra field', (t) => json(t, `,"more":"${'x'.repeat(5000)}"`), false],
    ['with a field twice', (t) => json(t, `,"jid":"${JID}"`), false],
    ['with a field twice, once by escapes', (t) => json(t, `,"j\\u0069d":"${JID}"`), false],
    ['with __proto__', (t) => json(t, ',"__proto__":{"jid":"a"}'), false],
    ['with __proto__ as text', (t) => json(t, ',"__proto__":"a"'), false],
    ['with constructor', (t) => json(t, ',"constructor":"a"'), false],
    ['in escapes', (t) => json(t).replace('alice', '\\u0061lice'), true],
    [
      'with quotes and backslashes in a name',
      (t) => json(t).replace('alice', '\\"\\\\alice'),
      false,
    ],
    ['with a token that is too long', (t) => json(t + 'x'.repeat(1024)), false],
    ['in an array', (t) => `[${json(t)}]`, false],
    ['with a second value after it', (t) => `${json(t)}{}`, false],
    ['with a comment', (t) => `/**/${json(t)}`, false],
    ['with a NUL after it', (t) => `${json(t)}\0`, false],
    [
      'with bytes that are not UTF-8',
      (t) => Buffer.from(json(t).replace('alice', 'alic\xe9'), 'latin1'),
      false,
    ],
    ['as a JSON string', (t) => JSON.stringify(json(t)), false],
    ['without a character', () => '', false],
    ['of one space', () => ' ', false],
    ['that is null', () => 'null', false],
    ['of 8000 nested arrays', () => '['.repeat(8000), false],
  ])(
    'of NDJSON gets the verdict that /v1/verify gives the same body: %s',
    async (_what, make, isGood) => {
      const alone = Buffer.from(make(freshToken()));
      const status =
        alone.length === 0 ? 400 : (await post('/v1/verify', alone.toString('latin1'))).status;
      // `post` encodes bytes beyond ASCII anew. Only one case has such bytes, and it is refused in
      // both spellings.
      expect(status === 200).toBe(isGood);
      const word = isGood ? 'accepted' : 'malformed';
      const cuts = [0, 1, 7, 4096, 4097, 16_384].filter((cut) => cut <= alone.length);
      for (const cut of cuts) {
        const line = Buffer.from(
          `${Buffer.from(make(freshToken())).toString('latin1')}\n`,
          'latin1',
        );
        expect(await batch([line.subarray(0, cut), line.subarray(cut)]), `cut at ${cut}`).toBe(
          `${word}\n`,
        );
        const last = line.subarray(0, -1);
        if (last.length > 0 && cut > 0 && !isGood) {
          expect(await batch([last.subarray(0, cut), last.subarray(cut)])).toBe(`${word}\n`);
        }
      }
    },
  );

  it('gets a verdict in both formats, even if it is empty', async () => {
    const lines = (line: () => string) => Buffer.from(`\n${line()}\n\r\n\n${line()}\n`);
    const words = 'malformed\naccepted\nmalformed\nmalformed\naccepted\n';
    expect(await batch([lines(() => json(freshToken()))])).toBe(words);
    const tsv = lines(() => `${JID}\t${freshToken()}`);
    expect(await batch([tsv], 'text/tab-separated-values')).toBe(words);
  });

  it('may begin with a byte order mark only if it is the first line', async () => {
    const mark = '\ufeff';
    for (const [type, line] of [
      ['application/x-ndjson', () => json(freshToken())],
      ['text/tab-separated-values', () => `${JID}\t${freshToken()}`],
    ] as const) {
      for (const cut of [0, 1, 2, 3, 4]) {
        const bytes = Buffer.from(`${mark}${line()}\n${line()}\n`);
        const text = await batch([bytes.subarray(0, cut), bytes.subarray(cut)], type);
        expect(text).toBe('accepted\naccepted\n');
      }
    }
    expect(
      await batch([Buffer.from(`${json(freshToken())}\n${mark}${json(freshToken())}\n`)]),
    ).toBe('accepted\nmalformed\n');
  });
});

describe('a tab-separated line', () => {
  it.each([4097, 5000, 16_384])(
    'of %i bytes is too long and so malformed, wherever it is cut',
    async (bytes) => {
      for (const cut of [0, 10, 4000, 4096, bytes - 1]) {
        const token = freshToken();
        // Preparation removes soft hyphens, so only the length of this jid is wrong.
        const jid = `alice${'\u00ad'.repeat(Math.floor((bytes - JID.length - 1 - token.length) / 2))}@example.com`;
        const line = Buffer.from(`${jid}\t${token}\n`);
        const text = await batch(
          [line.subarray(0, cut), line.subarray(cut)],
          'text/tab-separated-values',
        );
        expect(text).toBe('malformed\n');
      }
    },
  );
});

describe('the Accept header', () => {
  it.each([
    [null, false],
    ['', false],
    ['*/*', false],
    ['text/plain', true],
    ['TEXT/Plain', true],
    ['text/*', true],
    ['text/plain;q=0', false],
    ['text/plain;q=0, */*', false],
    ['text/plain; q=0.0, application/x-ndjson', false],
    ['text/plain;q=0.5, application/x-ndjson;q=0.4', true],
    ['text/plain;q=0.4, application/x-ndjson;q=0.5', false],
    ['text/plain, */*', true],
    ['text/plain;q=0.1, */*;q=0.1', true],
    ['text/plain;q=0.1, */*', false],
    ['application/x-ndjson, text/plain', false],
    ['application/x-ndjson;q=0, */*', true],
    ['text/plain;q=banana', false],
    ['text/plain;q=1.5', false],
    ['text/plainer', false],
    ['x-text/plain', false],
    ['text/*;q=0, text/plain', true],
  ])('%j prefers text/plain to NDJSON: %s', (header, isText) =>
    expect(prefers(header, 'text/plain', 'application/x-ndjson')).toBe(isText),
  );

  it('chooses the format of the verdicts', async () => {
    const line = () => Buffer.from(`${json(freshToken())}\n`);
    expect(await batch([line()], undefined, 'text/plain;q=0, application/x-ndjson')).toMatch(
      /^\{"line":1/,
    );
    expect(await batch([line()], undefined, 'text/plain;q=0.5, application/x-ndjson;q=0.1')).toBe(
      'accepted\n',
    );
  });
});
