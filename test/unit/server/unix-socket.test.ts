/** A proxy that reaches the gateway over a unix socket has no address. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/server/config/parse.js';
import { GatewayServer } from '../../../src/server/http.js';
import { clientOf, isTrustedPeer } from '../../../src/server/observe/client.js';

const folder = mkdtempSync(join(tmpdir(), 'totp-unix-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the address of a client over a unix socket', () => {
  it.each([
    [[], '203.0.113.7', undefined, false],
    [['10.0.0.0/8', '::/64'], '203.0.113.7', '203.0.113.7', true],
    [['127.0.0.1'], '203.0.113.7', '203.0.113.7', true],
    [['::1'], '203.0.113.7:99', '203.0.113.7', true],
    [['0.0.0.0/0'], '203.0.113.7, 198.51.100.1', '203.0.113.7', true],
    [['unix'], '203.0.113.7', '203.0.113.7', true],
    [['10.0.0.0/8', 'unix'], '203.0.113.7, 10.1.2.3', '203.0.113.7', true],
    [['192.0.2.0/24'], '203.0.113.7', undefined, false],
    [['127.0.0.0/8'], 'unknown', undefined, true],
  ] as const)(
    'with trust in %j and X-Forwarded-For %s is %s',
    async (trusted, header, client, isProxy) => {
      const path = join(folder, 's');
      const seen: unknown[] = [];
      const { limits } = parseConfig('', 'gateway.toml', {});
      const server = new GatewayServer(limits, {
        fetch: (_request, env) => {
          const { incoming } = env as { incoming: Parameters<typeof clientOf>[0] };
          const proxies = { trusted, header: 'x-forwarded-for' } as const;
          seen.push(clientOf(incoming, proxies), isTrustedPeer(incoming.socket, trusted));
          return new Response(null);
        },
        responded() {},
        refused() {},
        unreadable() {},
      });
      await server.listen(`unix:${path}`, { mode: '0600' });
      const [answer] = await once(
        request({
          socketPath: path,
          path: '/',
          agent: false,
          headers: { 'x-forwarded-for': header },
        }).end(),
        'response',
      );
      answer.resume();
      await once(answer, 'end');
      await server.close(1000);
      expect(seen).toEqual([client, isProxy]);
    },
  );
});
