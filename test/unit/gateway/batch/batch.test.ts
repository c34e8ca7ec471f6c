import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GatewayOptions } from '../../../../src/gateway/index.js';
import { JID } from '../../token/reference.js';
import { freshToken, harness } from '../harness.js';

const TSV = 'text/tab-separated-values';
const NDJSON = 'application/x-ndjson';

/** Asks with a body in these pieces. */
async function send(
  pieces: readonly string[],
  {
    type = TSV,
    accept = 'text/plain',
    ...options
  }: GatewayOptions & { type?: string; accept?: string } = {},
) {
  const { ask, events } = await harness(options);
  const chunks = pieces.map((piece) => Buffer.from(piece));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': type, accept } };
  const answer = await ask('/v1/verify/batch', init as RequestInit);
  return { answer, events, text: await answer.text() };
}

describe('POST /v1/verify/batch', () => {
  const [a, b] = [freshToken(), freshToken()];
  const lines = `${JID}\t${a}\nbroken\n${JID}\t${b}\r\n${JID}\t${a}\n`;
  const words = 'accepted\nrejected\naccepted\nrejected\n';

  it('answers each line with one word, wherever the input is cut', async () => {
    for (let cut = 0; cut <= lines.length; cut += 7) {
      const { text } = await send([lines.slice(0, cut), lines.slice(cut)]);
      expect(text).toBe(words);
    }
    expect((await send([...lines])).text).toBe(words);
  });

  it('answers each line with a JSON object if plain text is not preferred', async () => {
    const { answer, text } = await send([lines], { accept: '*/*' });
    expect(answer.headers.get('content-type')).toBe(NDJSON);
    expect(text).toBe(
      '{"line":1,"ok":true}\n{"line":2,"ok":false}\n{"line":3,"ok":true}\n{"line":4,"ok":false}\n',
    );
  });

  it('gives the reason of each rejection if the option reasons is set', async () => {
    expect((await send([lines], { reasons: true })).text).toBe(
      'accepted\nmalformed\naccepted\nreplayed\n',
    );
    const { text } = await send([lines], { reasons: true, accept: NDJSON });
    expect(text.split('\n')[1]).toBe('{"line":2,"ok":false,"code":"malformed"}');
  });

  it('reads one JSON object from each line of NDJSON, and calls any other line malformed', async () => {
    const json = [
      JSON.stringify({ jid: JID, token: freshToken() }),
      '{"jid":1,"token":2}',
      'null',
      '',
      '{"jid":"a@b"',
      JSON.stringify({ token: freshToken(), jid: 'ALICE@example.com', more: 1 }),
    ].join('\n');
    for (let cut = 1; cut < json.length; cut += 41) {
      const { text } = await send([json.slice(0, cut), json.slice(cut)], {
        type: NDJSON,
        reasons: true,
      });
      expect(text).toBe('accepted\nmalformed\nmalformed\nmalformed\nmalformed\nmalformed\n');
    }
  });

  it('rejects a line of 400 kB alone, and reads the line after it', async () => {
    const long = Array.from({ length: 40 }, () => 'x'.repeat(10_000));
    const { text } = await send([
      `${JID}\t${freshToken()}\n`,
      ...long,
      '\n',
      `${JID}\t${freshToken()}`,
    ]);
    expect(text).toBe('accepted\nrejected\naccepted\n');
  });

  it('answers an empty body with an empty body', async () => {
    expect((await send([''])).text).toBe('');
  });

  it('answers a content type that it does not read with 415', async () => {
    expect((await send(['x'], { type: 'application/json' })).answer.status).toBe(415);
  });

  it.each([
    ['bytes', { batchBytes: 200 }, 'too-large'],
    ['time', { batchMs: 0 }, 'timeout'],
  ])('ends at its limit of %s, with an error as its last line', async (_what, limits, error) => {
    const { text, events } = await send([lines, lines, lines], { limits, accept: NDJSON });
    expect(text.trimEnd().split('\n').at(-1)).toBe(`{"error":"${error}"}`);
    expect(events).toEqual(['batch']);
  });

  it('is cut off when no more input comes', async () => {
    const { ask } = await harness({ limits: { batchIdleMs: 20 } });
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('x')),
      cancel: () => {
        isCancelled = true;
      },
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': TSV } };
    const answer = await ask('/v1/verify/batch', init as RequestInit);
    expect(await answer.text()).toBe('{"error":"timeout"}\n');
    expect(isCancelled).toBe(true);
  });

  afterEach(() => void vi.useRealTimers());

  /** Timers and `performance.now` move only when the test advances them. */
  const stopTime = () =>
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    });

  /** Sends a batch that gets one more piece every five milliseconds, for `forMs`. */
  async function drip(piece: string, limits: GatewayOptions['limits'], forMs: number) {
    const { ask, events } = await harness({ limits });
    stopTime();
    let timer: NodeJS.Timeout | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        timer = setInterval(() => controller.enqueue(Buffer.from(piece)), 5);
      },
      cancel: () => clearInterval(timer),
    });
    const headers = { 'content-type': TSV, accept: 'text/plain' };
    const answer = await ask('/v1/verify/batch', {
      method: 'POST',
      body,
      duplex: 'half',
      headers,
    } as RequestInit);
    const text = answer.text();
    await vi.advanceTimersByTimeAsync(forMs);
    return { text: await text, events };
  }

  it.each([
    ['short lines', 'x\n'],
    ['one line without an end', 'x'.repeat(1000)],
  ])('is cut off when its input comes too slowly, as %s', async (_what, piece) => {
    const { text, events } = await drip(
      piece,
      { batchIdleMs: 150, batchIdleBytes: 1_000_000 },
      200,
    );
    expect(text.split('\n').slice(-2)).toEqual(['{"error":"timeout"}', '']);
    expect(events).toEqual(['batch']);
  });

  it('is not cut off while enough bytes come', async () => {
    // batchIdleMs passes three times before batchMs ends the batch.
    const { text } = await drip(
      'x\n',
      { batchIdleMs: 300, batchIdleBytes: 4, batchMs: 1000 },
      1100,
    );
    expect(text.trimEnd().split('\n').length).toBeGreaterThan(10);
    expect(text).toMatch(/rejected\n\{"error":"timeout"\}\n$/);
  });

  it('reports to the client and to the observer that the verifier threw', async () => {
    const faults: unknown[][] = [];
    const { gateway } = await harness();
    const { verifier } = gateway;
    const broken = Object.create(verifier, {
      hosts: { value: [] },
      setHost: { value() {} },
      verifyLines: { value: () => Promise.reject(new Error('broken')) },
    }) as typeof verifier;
    const observer = {
      verified() {},
      batch() {},
      event() {},
      fault: (...fault: unknown[]) => void faults.push(fault),
    };
    const { text } = await send([`${JID}\tx\n`], { verifier: broken, observer });
    expect(text).toBe('{"error":"fault"}\n');
    expect(faults).toEqual([['batch', new Error('broken')]]);
  });

  it('reports a client that leaves during verification as cut, not as a fault', async () => {
    const { gateway } = await harness();
    const { verifier } = gateway;
    let go = () => {};
    const waits = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = Object.create(verifier, {
      hosts: { value: [] },
      setHost: { value() {} },
      verifyLines: { value: (lines: Uint8Array) => waits.then(() => verifier.verifyLines(lines)) },
    }) as typeof verifier;
    const faults: unknown[] = [];
    const ended: unknown[] = [];
    const { ask } = await harness({
      verifier: slow,
      observer: {
        verified() {},
        batch() {},
        event: (_name, fields) => void ended.push(fields.ended),
        fault: (_where, error) => void faults.push(error),
      },
    });
    const init = { method: 'POST', body: `${JID}\tx\n`, headers: { 'content-type': TSV } };
    const reader = (await ask('/v1/verify/batch', init)).body!.getReader();
    void reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    await reader.cancel();
    go();
    await new Promise((resolve) => setImmediate(resolve));
    expect([ended, faults]).toEqual([['cut'], []]);
  });

  it('reads its input only as fast as the client takes the answer', async () => {
    const { ask } = await harness();
    const line = Buffer.from(`${JID}\tx\n`);
    let read = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          read++;
          controller.enqueue(line);
        },
      },
      { highWaterMark: 0 },
    );
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': TSV } };
    const reader = (await ask('/v1/verify/batch', init as RequestInit)).body!.getReader();
    for (let taken = 1; taken <= 20; taken++) {
      expect((await reader.read()).done).toBe(false);
      expect(read).toBeLessThanOrEqual(taken + 2);
    }
    await reader.cancel();
  });

  it('ends when its client does not read, and makes room for the next batch', async () => {
    const { ask, events } = await harness({ limits: { batches: 1, batchIdleMs: 20 } });
    stopTime();
    const init = () => ({
      method: 'POST',
      body: `${JID}\tx\n`,
      headers: { 'content-type': TSV, accept: 'text/plain' },
    });
    const unread = await ask('/v1/verify/batch', init());
    expect((await ask('/v1/verify/batch', init())).status).toBe(503);
    await vi.advanceTimersByTimeAsync(20);
    expect(events).toContain('batch');
    expect(await (await ask('/v1/verify/batch', init())).text()).toBe('rejected\n');
    expect(await unread.text()).toBe('{"error":"unread"}\n');
  });
});
