import type { Gateway } from '../gateway/gateway.js';
import type { Config } from './config/schema.js';
import { DovecotServer } from './dovecot.js';
import { GatewayServer } from './http.js';
import type { SocketAccess } from './listen.js';
import type { Metrics } from './observe/metrics.js';
import type { ProtocolServer } from './protocol-server.js';
import type { ProxyProtocolHooks } from './proxy-protocol/expect.js';
import { SpoeServer } from './spoe.js';

/** The open listeners of a gateway. */
export interface Listeners {
  /** Address of the HTTP listener: a URL, or `unix:PATH`. */
  readonly address: string;
  /** Address of the Dovecot listener: `HOST:PORT` or `unix:PATH`. Undefined without one. */
  readonly dovecot: string | undefined;
  /** Address of the listener for HAProxy. Undefined without one. */
  readonly spoe: string | undefined;
  configure(config: Pick<Config, 'limits' | 'proxies'>): void;
  /** @returns Whether all pending requests could be answered in time. */
  close(drainMs: number): Promise<boolean>;
}

/** Opens the listeners of a gateway. */
export async function openListeners(
  { limits, listen, listenMode, listenGroup, listenProxyProtocol, dovecot, spoe, proxies }: Config,
  gateway: Gateway,
  metrics: Metrics,
): Promise<Listeners> {
  let { trusted } = proxies;
  const proxyProtocol: ProxyProtocolHooks = {
    trusted: () => trusted,
    headerMs: limits.headersMs,
    refused: () => metrics.event('proxy-header-refused'),
  };
  const http = new GatewayServer(limits, {
    proxyProtocol: listenProxyProtocol ? proxyProtocol : undefined,
    fetch: gateway.fetch,
    responded: (status, seconds) => metrics.responded(status, seconds),
    refused: () => metrics.event('connection-refused'),
  });
  const opened: { close(drainMs: number): Promise<boolean> }[] = [];
  const listenBeside = async (
    server: ProtocolServer,
    at: { listen?: string | undefined } & SocketAccess,
  ) => {
    if (at.listen === undefined) return undefined;
    const address = await server.listen(at.listen, at);
    opened.push(server);
    return address;
  };
  try {
    const addresses = {
      dovecot: await listenBeside(
        new DovecotServer(dovecot, {
          check: (jid, token) => gateway.checker.check(jid, token, 'dovecot'),
          hosts: () => gateway.verifier.hosts,
          proxyProtocol: dovecot.proxyProtocol ? proxyProtocol : undefined,
          refused: () => metrics.event('dovecot-cut-off'),
        }),
        dovecot,
      ),
      spoe: await listenBeside(
        new SpoeServer(spoe, {
          answer: (questions) => gateway.answerQuestions(questions),
          answered: (status) => metrics.answered(status),
          refused: () => metrics.event('spoe-cut-off'),
        }),
        spoe,
      ),
      address: await http.listen(listen, { mode: listenMode, group: listenGroup }),
    };
    opened.push(http);
    return {
      ...addresses,
      configure(next) {
        trusted = next.proxies.trusted;
        http.configure(next.limits);
      },
      async close(drainMs) {
        const drained = await Promise.all(opened.map((server) => server.close(drainMs)));
        return !drained.includes(false);
      },
    };
  } catch (error) {
    await Promise.all(opened.map((server) => server.close(0)));
    throw error;
  }
}
