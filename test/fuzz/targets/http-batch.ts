/**
 * Lines over HTTP, TSV and JSON, cut into chunks anywhere: an answer a line, and that of the plain
 * reference.
 */
import { deepStrictEqual, strictEqual } from 'node:assert';
import fc from 'fast-check';
import { createGateway } from '../../../src/gateway/index.js';
import { PERIOD_MS, STEP } from '../../unit/token/reference.js';
import { type Code, ReferenceVerifier } from '../reference-verifier.js';
import { actionOf, type Entry, KEY_LIST } from '../scenario.js';
import { Choices, type FuzzTarget, textOf, utf8 } from '../target.js';

const FORM = { digits: 8, nonceDigits: [32] };
const HOSTS = { 'example.com': KEY_LIST[0]!, h: [KEY_LIST[0]!, KEY_LIST[1]!] };
const CAPACITY = 1000;
/** The window is over by then: no input meets what another left. */
const APART = 10;
/** What no good line is longer than; a longer one is passed over unread. */
const MAX_LINE_BYTES = 4096;

/** A line of TSV, or of JSON where it is asked for and jid and token are text. */
function lineOf({ jid, token }: Entry, isJson: boolean): Uint8Array {
  const texts = [textOf(jid), textOf(token)];
  if (isJson && !texts.includes(undefined))
    return utf8(JSON.stringify({ jid: texts[0], token: texts[1] }));
  return Buffer.concat([jid, utf8('\t'), token]);
}

function bodyOf(choices: Choices, isJson: boolean, step: number): Uint8Array {
  const lines: Uint8Array[] = [];
  while (!choices.isOver && lines.length < 40) {
    const action = actionOf(choices, FORM, step);
    if (action.kind === 'entry') lines.push(lineOf(action.entry, isJson));
    else if (action.kind === 'again' && lines.length > 0)
      lines.push(lines[action.index % lines.length]!);
    else lines.push(choices.bytes(choices.below(64)));
  }
  return Buffer.concat(lines.flatMap((line) => [line, utf8('\n')])).subarray(
    0,
    -1 - choices.below(2),
  );
}

function jsonCodes(body: Uint8Array, reference: ReferenceVerifier, step: number): Code[] {
  const text = Buffer.from(body).toString('latin1');
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  return lines.map((line) => {
    try {
      const { jid, token } = JSON.parse(textOf(Buffer.from(line, 'latin1')) ?? '') as Record<
        string,
        unknown
      >;
      if (typeof jid !== 'string' || typeof token !== 'string') return 'malformed';
      if (!jid.isWellFormed() || !token.isWellFormed()) return 'malformed';
      return reference.verify(utf8(jid), utf8(token), step);
    } catch {
      return 'malformed';
    }
  });
}

async function open(): Promise<(input: Uint8Array) => Promise<void>> {
  let step = STEP;
  const gateway = await createGateway({
    hosts: HOSTS,
    clock: () => (step + 0.5) * PERIOD_MS,
    replay: { capacity: CAPACITY },
    reasons: true,
  });
  const rules = { digits: 8, nonce: { min: 32, max: 32 }, window: { past: 1, future: 1 } };
  const reference = new ReferenceVerifier({ ...rules, capacity: CAPACITY, prepares: true });
  for (const [domain, keys] of Object.entries(HOSTS)) reference.setHost(domain, [keys].flat());

  return async (input) => {
    step += APART;
    const choices = new Choices(input);
    const isJson = choices.below(2) === 1;
    const length = 1 + choices.byte();
    const body = bodyOf(choices, isJson, step);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < body.length; at += length) chunks.push(body.slice(at, at + length));
    const type = isJson ? 'application/x-ndjson' : 'text/tab-separated-values';
    const init = {
      method: 'POST',
      body: new ReadableStream({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
      }),
      duplex: 'half',
      headers: { 'content-type': type, accept: 'text/plain' },
    };
    const answer = await gateway.fetch(
      new Request('http://gateway.test/v1/verify/batch', init as RequestInit),
    );
    strictEqual(answer.status, 200);
    const words = (await answer.text()).split('\n').slice(0, -1);
    const expected = isJson ? jsonCodes(body, reference, step) : reference.lines(body, step);
    deepStrictEqual(words, expected);
    strictEqual(
      Buffer.from(body)
        .toString('latin1')
        .split('\n')
        .some((line) => line.length > MAX_LINE_BYTES),
      false,
      'this target makes no line that is passed over',
    );
  };
}

export const target: FuzzTarget = {
  name: 'http-batch',
  testInputs: 80,
  seeds: [
    Uint8Array.from([0, 9, ...[0, 1, 2].flatMap((nonce) => [0, 0, 0, 3, nonce, 0, 1, 0, 0])]),
    Uint8Array.from([1, 200, ...[0, 1, 2].flatMap((nonce) => [0, 0, 0, 3, nonce, 0, 1, 0, 0])]),
  ],
  words: [
    '\n',
    '\r\n',
    '\t',
    '{"jid":',
    '","token":"',
    '"}',
    '\\ud800',
    '\\u0000',
    '[]',
    'null',
    '\ufeff',
  ],
  inputs: fc.uint8Array({ maxLength: 300, size: 'max' }),
  open,
};
