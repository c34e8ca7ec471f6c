/** The address of a client behind proxies, by `Forwarded` and by `X-Forwarded-For`. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientOf, type ProxyHeaderName } from '../../../../src/server/observe/client.js';

const PROXY = '10.0.0.1';
const seen = (headers: Record<string, string>, header: ProxyHeaderName, peer = PROXY) =>
  clientOf({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage, {
    trusted: ['10.0.0.0/8', '2001:db8::/32'],
    header,
  });

describe('the client in Forwarded', () => {
  it.each([
    // RFC 7239 §4 and §6.3.
    ['for="_gazonk"', PROXY],
    ['For="[2001:db9:cafe::17]:4711"', '2001:db9:cafe::17'],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', '192.0.2.60'],
    ['for=192.0.2.43, for=198.51.100.17', '198.51.100.17'],
    ['for=_hidden, for=_SEVKISEK', PROXY],
    ['for="192.0.2.43:47011"', '192.0.2.43'],
    ['for=192.0.2.43, for="[2001:db9::17]"', '2001:db9::17'],
    ['for=unknown', PROXY],
    // The last one that is no proxy's.
    ['for=192.0.2.1, for=192.0.2.2, for=10.1.2.3, for="[2001:db8::5]:9"', '192.0.2.2'],
    ['for=192.0.2.1, for=10.1.2.3', '192.0.2.1'],
    ['for=192.0.2.1,for=unknown,for=10.1.2.3', '10.1.2.3'],
    ['for=192.0.2.1, for=_x, for=10.1.2.3', '10.1.2.3'],
    ['for="192.0.2.1:_port"', '192.0.2.1'],
    ['for="[2001:db9::1]:_p.o-rt"', '2001:db9::1'],
    ['for="[::ffff:192.0.2.9]"', '192.0.2.9'],
    ['proto=https;for=192.0.2.1;host="app.example.com:8443"', '192.0.2.1'],
    ['host="a;for=192.0.2.9";for=192.0.2.1', '192.0.2.1'],
    ['proto=https;host="a;for=192.0.2.9"', PROXY],
    ['for=192.0.2.1; proto=https', PROXY],
    [';for=192.0.2.1;;', '192.0.2.1'],
    ['secret=_a=b;for=192.0.2.1', PROXY],
    // Not in form: the proxy that wrote it is the last that is known.
    ['', PROXY],
    ['192.0.2.1', PROXY],
    ['for=', PROXY],
    ['for=""', PROXY],
    ['for="192.0.2.1', PROXY],
    ["for='192.0.2.1'", PROXY],
    ['for =192.0.2.1', PROXY],
    ['for=2001:db9::1', PROXY],
    ['for="2001:db9::1"', '2001:db9::1'],
    ['for=[2001:db9::1]', PROXY],
    ['for="[192.0.2.1]"', PROXY],
    ['for=192.0.2.1;for=192.0.2.2', PROXY],
    ['by=192.0.2.1', PROXY],
    ['for=192.0.2.1, by=10.0.0.9', PROXY],
    ['for="192.0.2.1\\""', PROXY],
    ['xfor=192.0.2.1', PROXY],
  ])('%j is %s', (header, client) => {
    expect(seen({ forwarded: header }, 'forwarded')).toBe(client);
  });

  it.each([
    'for="',
    'for="\\',
    'for=203.0.113.9;host="',
    '"',
    'for="203.0.113.9, for=203.0.113.9',
    'for=203.0.113.9, for=10.0.0.2;host="a',
  ])('cannot be hidden or forged by what a client wrote before it: %j', (forged) => {
    const header = `${forged}, for=192.0.2.1;proto=https`;
    expect(seen({ forwarded: header }, 'forwarded')).toBe('192.0.2.1');
  });

  it.each([
    // Host headers of a client, as a proxy quotes them.
    'a, for=203.0.113.9',
    'a, for=203.0.113.9;x=\\"b',
    'a\\", for=203.0.113.9;x=\\"',
    'a;for=203.0.113.9',
  ])('is not taken from a text that a proxy quotes: host="%s"', (host) => {
    for (const header of [`for=192.0.2.1;host="${host}"`, `host="${host}";for=192.0.2.1`])
      expect(['192.0.2.1', PROXY]).toContain(seen({ forwarded: header }, 'forwarded'));
  });

  it('is read in linear time', () => {
    for (const text of ['for="', ';', 'a=a;', 'for="\\"', 'a="', '\t', '!='].map((each) =>
      each.repeat(60_000 / each.length),
    ))
      expect(seen({ forwarded: text }, 'forwarded')).toBe(PROXY);
  });
});

describe('of two headers that contradict each other', () => {
  const headers = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=198.51.100.1' };

  it.each([
    ['x-forwarded-for', '192.0.2.1'],
    ['forwarded', '198.51.100.1'],
  ] as const)('%s counts if the settings name it', (header, client) => {
    expect(seen(headers, header)).toBe(client);
    const { [header]: _, ...other } = headers;
    expect(seen(other, header)).toBe(PROXY);
  });

  it('ignores every header of a peer that is not trusted', () => {
    for (const header of ['x-forwarded-for', 'forwarded'] as const)
      expect(seen(headers, header, '203.0.113.1')).toBe('203.0.113.1');
  });
});
