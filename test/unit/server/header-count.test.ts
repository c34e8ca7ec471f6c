/**
 * More headers than one request may have: none is dropped without a word, whatever stands behind
 * the limit.
 */
import { describe, expect, it } from 'vitest';
import { basic, freshToken } from '../gateway/harness.js';
import { JID } from '../token/reference.js';
import { dial, started } from './server-harness.js';

const MOST = 200;
const server = await started('[proxies]\ntrusted = ["127.0.0.1"]\n');

const fill = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: y\r\n`).join('');

/** The answer to a request that does not ask for the end of its connection. */
async function cutOff(headers: string): Promise<string> {
  const { socket, answer, closed } = await dial(server.port);
  socket.write(`GET /auth HTTP/1.1\r\nhost: x\r\n${headers}\r\n`);
  await closed;
  return answer();
}

describe('a request of many headers', () => {
  it('is answered as long as there are no more than 200', async () => {
    const { authorization } = basic(JID, freshToken());
    const few = `connection: close\r\n${fill(MOST - 3)}authorization: ${authorization}\r\n`;
    expect(await cutOff(few)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([201, 232, 233, 2000])('is answered 431 and cut off if there are %i', async (count) => {
    const { authorization } = basic(JID, freshToken());
    const head = `authorization: ${authorization}\r\n`;
    expect(await cutOff(`${head}${fill(count - 2)}`)).toMatch(/^HTTP\/1\.1 431 /);
    // The token was not looked at.
    expect(await cutOff(`${head}connection: close\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    [
      'the address that a proxy wrote behind the one of its client',
      'x-forwarded-for: 203.0.113.9\r\n',
    ],
    ['the length of a body that then drips', 'content-length: 100000\r\n'],
    ['a second session', 'cookie: __Host-totp-token=a.b.c\r\n'],
  ])('is not taken without %s', async (_, last) => {
    const head = `x-forwarded-for: 198.51.100.6\r\nauthorization: ${basic(JID, 'bad').authorization}\r\n`;
    expect(await cutOff(`${head}${fill(MOST)}${last}`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(server.log()).not.toContain('198.51.100.6');
  });
});
