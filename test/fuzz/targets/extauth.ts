/**
 * extauth, in chunks cut anywhere: four bytes a whole question, yes for those that a plain reading
 * finds right.
 */
import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { answerExtauth } from '../../../src/gateway/protocols/extauth.js';
import type { Verdict } from '../../../src/index.js';
import { prepareJid } from '../../../src/xmpp/prepare-jid.js';
import { Choices, type FuzzTarget, textOf, utf8 } from '../target.js';

const HOSTS = ['example.com'];
const ACCEPTED: Verdict = { ok: true, code: 'accepted', step: 1, drift: 0, keyIndex: 0 };
const REFUSED: Verdict = { ok: false, code: 'wrong-otp' };
const check = (jid: string, token: string) =>
  jid === 'alice@example.com' && token === 'good' ? ACCEPTED : REFUSED;

function plainly(question: Uint8Array): boolean {
  const text = textOf(question) ?? '';
  if (text === 'auth:alice:example.com:good') return true;
  const parts = text.split(':');
  if (parts[0] !== 'isuser' || parts.length > 3) return false;
  const jid = prepareJid(`${parts[1]}@${parts[2] ?? ''}`);
  return jid?.endsWith('@example.com') ?? false;
}

const QUESTIONS = [
  'auth:alice:example.com:good',
  'auth:alice:example.com:bad',
  'isuser:ALICE:Example.com',
  'isuser:a b:example.com',
  'setpass:alice:example.com:x',
  'removeuser3:alice:example.com:good',
  'auth:alice:example.com:good:x',
].map(utf8);

async function run(input: Uint8Array): Promise<void> {
  const choices = new Choices(input);
  const chunkBytes = 1 + choices.byte();
  const questions: Uint8Array[] = [];
  const parts: Uint8Array[] = [];
  while (!choices.isOver && questions.length < 40) {
    const question = choices.below(4) > 0 ? choices.of(QUESTIONS) : choices.bytes(choices.byte());
    questions.push(question);
    parts.push(Uint8Array.of(question.length >> 8, question.length & 255), question);
  }
  // A question that is cut off by the end has no answer.
  const isCut = choices.below(2) === 1;
  const stream = Buffer.concat(isCut ? [...parts, Uint8Array.of(0, 9, 1)] : parts);
  async function* chunks() {
    for (let at = 0; at < stream.length; at += chunkBytes)
      yield stream.subarray(at, at + chunkBytes);
  }
  const answers: number[][] = [];
  const options = { check, refuse() {}, hosts: () => HOSTS };
  for await (const answer of answerExtauth(chunks(), options)) answers.push([...answer]);
  deepStrictEqual(
    answers,
    questions.map((question) => [0, 2, 0, plainly(question) ? 1 : 0]),
  );
}

export const target: FuzzTarget = {
  name: 'extauth',
  testInputs: 500,
  seeds: [
    Uint8Array.from([9, 1, 0, 1, 1, 1, 2, 1, 3, 1, 6]),
    Uint8Array.from([255, 0, 11, ...utf8('isuser:a::b')]),
  ],
  words: [':', 'auth:', 'isuser:', 'example.com', 'alice', 'good', '\u00ad', '\0'],
  inputs: fc.uint8Array({ maxLength: 200, size: 'max' }),
  open: async () => run,
};
