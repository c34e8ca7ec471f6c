import type { Observer } from '../gateway/contract.js';
import type { Gateway } from '../gateway/gateway.js';
import type { Config } from './config/schema.js';
import { DovecotServer } from './dovecot.js';
import { GatewayServer } from './http.js';
import type { SocketAccess } from './listen.js';
import type { Metrics } from './observe/metrics.js';
import type { ProtocolHooks, ProtocolServer } from './protocol-server.js';
import type { ProxyProtocolHooks } from './proxy-protocol/expect.js';
import { SpoeServer } from './spoe.js';

/** The open listeners of a gateway. */
export interface Listeners {
  /** Address of the HTTP listener: a URL, or `unix:PATH`. */
  readonly address: string;
  /**
   * Address of the Dovecot listener: `HOST:PORT` or `unix:PATH`. Undefined if there is no such
   * listener.
   */
  readonly dovecot: string | undefined;
  /** Address of the listener for HAProxy, as `dovecot`. Undefined if there is no such listener. */
  readonly spoe: string | undefined;
  /**
   * Address of the HTTP listener for operators, as `address`. Undefined if there is no such
   * listener.
   */
  readonly operators: string | undefined;
  configure(config: Pick<Config, 'limits' | 'proxies'>): void;
  /** @returns Whether all pending requests could be answered in time. */
  close(drainMs: number): Promise<boolean>;
}

/** Opens the listeners of a gateway. */
export async function openListeners(
  {
    limits,
    listen,
    listenMode,
    listenGroup,
    listenProxyProtocol,
    dovecot,
    spoe,
    metrics: operators,
    proxies,
  }: Config,
  gateway: Gateway,
  metrics: Metrics,
  observer: Observer,
): Promise<Listeners> {
  const { checker } = gateway;
  const cutOff =
    (name: string): ProtocolHooks['refused'] =>
    (why, peer) =>
      observer.event(name, { why, peer });
  const turnedAway = {
    refused: (peer: string | undefined) => observer.event('connection-refused', { peer }),
    unreadable: (status: number, peer: string | undefined) =>
      observer.event('request-unreadable', { status, peer }),
  };
  let { trusted } = proxies;
  const proxyProtocol: ProxyProtocolHooks = {
    trusted: () => trusted,
    headerMs: limits.headersMs,
    refused: (peer) => observer.event('proxy-header-refused', { peer }),
  };
  const http = new GatewayServer(limits, {
    proxyProtocol: listenProxyProtocol ? proxyProtocol : undefined,
    fetch: gateway.fetch,
    responded: (status, seconds) => metrics.responded(status, seconds),
    ...turnedAway,
  });
  // Requests of operators are not counted in the metrics of the service.
  const beside = new GatewayServer(limits, {
    fetch: gateway.operate,
    responded() {},
    ...turnedAway,
  });
  const opened: { close(drainMs: number): Promise<boolean> }[] = [];
  const listenBeside = async (
    server: ProtocolServer | GatewayServer,
    at: { listen?: string | undefined } & SocketAccess,
  ) => {
    if (at.listen === undefined) return undefined;
    const address =
      server === beside
        ? await beside.listen(at.listen, at, 'metrics.listen')
        : await server.listen(at.listen, at);
    opened.push(server);
    return address;
  };
  try {
    const addresses = {
      dovecot: await listenBeside(
        new DovecotServer(dovecot, {
          check: (jid, token, client) =>
            checker.check(jid, token, 'dovecot', undefined, undefined, { client }),
          refuse: (why, jid, client) => checker.refuse('dovecot', why, { jid, from: { client } }),
          hosts: () => gateway.verifier.hosts,
          refused: cutOff('dovecot-cut-off'),
          proxyProtocol: dovecot.proxyProtocol ? proxyProtocol : undefined,
        }),
        dovecot,
      ),
      spoe: await listenBeside(
        new SpoeServer(spoe, {
          answer: (questions) => gateway.answerQuestions(questions),
          answered: (status) => metrics.answered(status),
          unreadable: () => checker.refuse('spoe', 'unreadable-question'),
          refused: cutOff('spoe-cut-off'),
        }),
        spoe,
      ),
      operators: await listenBeside(beside, operators),
      address: await http.listen(listen, { mode: listenMode, group: listenGroup }),
    };
    opened.push(http);
    return {
      ...addresses,
      configure(next) {
        trusted = next.proxies.trusted;
        for (const server of [http, beside]) server.configure(next.limits);
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
