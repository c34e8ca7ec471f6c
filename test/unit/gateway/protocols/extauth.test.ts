/** ejabberd's external authentication: questions in, answers out. */
import { beforeAll, describe, expect, it } from 'vitest';
import { answerExtauth } from '../../../../src/gateway/protocols/extauth.js';
import type { Refusal } from '../../../../src/gateway/refusal.js';
import { freshToken, type Harness, harness } from '../harness.js';

let gateway: Harness;
beforeAll(async () => {
  gateway = await harness();
});

const question = (text: string | Buffer) => {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** The answers, as yes and no. */
async function ask(...chunks: readonly Uint8Array[]): Promise<boolean[]> {
  async function* input() {
    yield* chunks;
  }
  const answers: boolean[] = [];
  const options = {
    check: (jid: string, token: string) => gateway.gateway.checker.check(jid, token, 'extauth'),
    refuse: (why: Refusal) => gateway.gateway.checker.refuse('extauth', why),
    hosts: () => gateway.gateway.verifier.hosts,
  };
  for await (const answer of answerExtauth(input(), options)) {
    expect([...answer.subarray(0, 3)]).toEqual([0, 2, 0]);
    expect(answer).toHaveLength(4);
    answers.push(answer[3] === 1);
  }
  return answers;
}

describe('extauth', () => {
  it('accepts a token once', async () => {
    const auth = question(`auth:alice:example.com:${freshToken()}`);
    expect(await ask(auth, auth)).toEqual([true, false]);
    expect(gateway.told.at(-1)).toMatchObject({
      protocol: 'extauth',
      verdict: { code: 'replayed' },
    });
  });

  it('answers questions in order, even if they come one byte at a time', async () => {
    const token = freshToken('zoë@example.com');
    const all = Buffer.concat([
      question(`auth:bob:example.com:${token}`),
      question('isuser:bob:example.com'),
      question(`auth:Zoë:example.com:${token}`),
      question('isuser:bob:example.org'),
    ]);
    expect(await ask(...Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  const REFUSED = [
    'setpass:alice:example.com:x',
    'tryregister:alice:example.com:x',
    'removeuser:alice:example.com',
    'removeuser3:alice:example.com:x',
    'isuser:a b:example.com',
    'isuser::example.com',
    'auth',
    'auth:alice',
    'auth:alice:example.com',
    'auth:alice:example.com:',
    'auth:alice:example.com:a:b',
    '',
    'AUTH:alice:example.com:x',
    'x'.repeat(65_535),
  ];
  it.each(REFUSED.map((text) => [text.slice(0, 40), text]))('says no to %j', async (_, text) => {
    expect(await ask(question(text!))).toEqual([false]);
  });

  it('refuses a token with anything before or after it, and does not use it up', async () => {
    const token = freshToken();
    const auth = `auth:alice:example.com:${token}`;
    for (const text of [
      `${auth}:x`,
      `\ufeff${auth}`,
      'auth:alice:example.com:',
      'isuser:bob:example.com::',
    ]) {
      expect(await ask(question(text)), text).toEqual([false]);
    }
    expect(await ask(question(auth))).toEqual([true]);
  });

  it('says no to bytes that are not UTF-8, and answers the next question', async () => {
    const garbage = question(Buffer.from('auth:al\xffice:example.com:x', 'latin1'));
    expect(await ask(garbage, question(`auth:alice:example.com:${freshToken()}`))).toEqual([
      false,
      true,
    ]);
  });

  it('does not answer a question that is cut off', async () => {
    expect(await ask(question('isuser:alice:example.com').subarray(0, 9))).toEqual([]);
    expect(await ask()).toEqual([]);
  });
});
