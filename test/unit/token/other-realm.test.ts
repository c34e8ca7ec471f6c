/** Bytes of another realm, as jsdom, a frame or `node:vm` make them, are bytes. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createHmac, hmacSha256, totp, verifyStream } from '../../../src/index.js';
import { createXTokenServer } from '../../../src/xmpp/index.js';
import { harness } from './harness.js';
import { JID, tokenOf } from './reference.js';

const Foreign: Uint8ArrayConstructor = runInNewContext('Uint8Array');
const foreign = (text: string): Uint8Array => Foreign.from(new TextEncoder().encode(text));

describe('bytes of another realm', () => {
  it('are not instances of this realm’s Uint8Array', () => {
    expect(foreign('')).not.toBeInstanceOf(Uint8Array);
  });

  it('are accepted as jid and token, alone and in a batch', async () => {
    const { verifier } = await harness();
    const token = foreign(tokenOf());
    expect(verifier.verify(foreign(JID), token).code).toBe('accepted');
    expect(verifier.verify(JID, token).code).toBe('replayed');
    const batch = verifier.verifyBatch(
      [foreign(JID), JID],
      [foreign(tokenOf({ nonce: 1 })), token],
    );
    expect([...batch].map(({ code }) => code)).toEqual(['accepted', 'replayed']);
  });

  it('are accepted as lines, at once and in chunks', async () => {
    const { verifier } = await harness();
    const lines = foreign(`${JID}\t${tokenOf()}\n${JID}\t${tokenOf({ nonce: 1 })}\n`);
    expect(verifier.verifyLines(lines).accepted).toBe(2);
    const codes: number[] = [];
    for await (const part of verifyStream(verifier, [lines.subarray(0, 30), lines.subarray(30)])) {
      codes.push(...part.codes);
    }
    expect(codes).toEqual([5, 5]);
  });

  it('are accepted as keys, messages and secrets', () => {
    const mac = hmacSha256('key', 'message');
    expect(hmacSha256(foreign('key'), foreign('message'))).toEqual(mac);
    expect(createHmac('SHA-256', foreign('key')).digest('message')).toEqual(mac);
    expect(totp({ secret: foreign('12345678901234567890'), timeMs: 59_000 })).toBe('94287082');
  });

  it('are accepted as a SASL message', async () => {
    const { verifier } = await harness();
    const verify = (jid: string, token: string) => verifier.verify(jid, token);
    const server = createXTokenServer({ host: 'example.com', verify });
    const answer = await server.respond(foreign(`\0alice\0${tokenOf()}`));
    expect(answer.kind).toBe('success');
  });

  for (const [name, make] of [
    ['a proxy of them', () => new Proxy(foreign(JID), {})],
    ['what only inherits from them', () => Object.create(Foreign.prototype)],
    ['another array of numbers', () => runInNewContext('new Uint16Array(17)')],
    ['a DataView', () => runInNewContext('new DataView(new ArrayBuffer(17))')],
    ['an object with their tag', () => ({ [Symbol.toStringTag]: 'Uint8Array', length: 17 })],
  ] as const) {
    it(`do not include ${name}`, async () => {
      const { verifier } = await harness();
      const value = make() as Uint8Array;
      expect(verifier.verify(value, tokenOf()).code).toBe('malformed');
      expect(verifier.verify(JID, value).code).toBe('malformed');
      expect(() => verifier.verifyLines(value)).toThrow(TypeError);
      expect(() => hmacSha256(value, '')).toThrow(TypeError);
      expect(() => totp({ secret: value })).toThrow('secret: a value of type object');
    });
  }
});
