import type { Gateway } from '../gateway/gateway.js';
import type { Config } from './config/schema.js';
import { DovecotServer } from './dovecot.js';
import { GatewayServer } from './http.js';
import type { Metrics } from './observe/metrics.js';

/** The open listeners of a gateway. */
export interface Listeners {
  /** Address of the HTTP listener: a URL, or `unix:PATH`. */
  readonly address: string;
  /** Address of the Dovecot listener: `HOST:PORT` or `unix:PATH`. Undefined without one. */
  readonly dovecot: string | undefined;
  configure(limits: Config['limits']): void;
  /** @returns Whether all pending requests could be answered in time. */
  close(drainMs: number): Promise<boolean>;
}

/** Opens the listeners of a gateway. */
export async function openListeners(
  { limits, listen, listenMode, listenGroup, dovecot: settings }: Config,
  gateway: Gateway,
  metrics: Metrics,
): Promise<Listeners> {
  const http = new GatewayServer(limits, {
    fetch: gateway.fetch,
    responded: (status, seconds) => metrics.responded(status, seconds),
    refused: () => metrics.event('connection-refused'),
  });
  const dovecot =
    settings.listen === undefined
      ? undefined
      : new DovecotServer(settings, {
          check: (jid, token) => gateway.checker.check(jid, token, 'dovecot'),
          hosts: () => gateway.verifier.hosts,
          refused: () => metrics.event('dovecot-cut-off'),
        });
  const dovecotAddress = await dovecot?.listen(settings.listen ?? '', settings);
  try {
    return {
      address: await http.listen(listen, { mode: listenMode, group: listenGroup }),
      dovecot: dovecotAddress,
      configure: (next) => http.configure(next),
      async close(drainMs) {
        const drained = await Promise.all([http.close(drainMs), dovecot?.close(drainMs)]);
        return !drained.includes(false);
      },
    };
  } catch (error) {
    await dovecot?.close(0);
    throw error;
  }
}
