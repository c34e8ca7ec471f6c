import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Logger } from 'pino';
import type { Observer, Verified } from '../../gateway/contract.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import type { LogSettings } from '../config/schema.js';
import { clientOf, isTrustedPeer, type Proxies } from './client.js';
import { Throttle } from './log.js';
import type { Metrics } from './metrics.js';

/**
 * Writes events into the metrics and the log. Neither ever holds a token, an OTP, a nonce or a key.
 */
export class LogAndMetrics implements Observer {
  readonly #log: Logger;
  readonly #metrics: Metrics;
  #settings: LogSettings;
  #throttle: Throttle;
  #proxies: Proxies;

  constructor(log: Logger, metrics: Metrics, settings: LogSettings, proxies: Proxies) {
    this.#log = log;
    this.#metrics = metrics;
    this.#settings = settings;
    this.#proxies = proxies;
    this.#throttle = new Throttle(settings.linesPerSecond);
  }

  configure(settings: LogSettings, proxies: Proxies): void {
    this.#log.level = settings.level;
    this.#settings = settings;
    this.#proxies = proxies;
    this.#throttle = new Throttle(settings.linesPerSecond);
  }

  verified(event: Verified): void {
    this.#metrics.verified(event);
    const { verdict } = event;
    if (verdict.ok ? !this.#settings.accepted : !this.#settings.rejected) return;
    const { protocol, jid, reason, seconds } = event;
    // The fields are built only if the line is written.
    this.#write('info', verdict.ok ? 'accepted' : 'rejected', () => ({
      protocol,
      code: verdict.code,
      reason,
      jid: loggedJid(jid, verdict.code === 'malformed'),
      ...(verdict.ok
        ? { step: verdict.step, drift: verdict.drift, keyIndex: verdict.keyIndex }
        : {}),
      microseconds: seconds > 0 ? Math.round(seconds * 1e6) : undefined,
      ...this.#requestFields(event),
    }));
  }

  batch(counts: readonly number[]): void {
    this.#metrics.batch(counts);
  }

  event(
    name: string,
    fields: Readonly<Record<string, string | number | boolean | undefined>>,
    by: Pick<Verified, 'request' | 'env'> = {},
  ): void {
    this.#metrics.event(name);
    this.#write('info', name, () => ({ ...withoutTokens(fields), ...this.#requestFields(by) }));
  }

  fault(where: string, error: unknown): void {
    this.#metrics.event('fault');
    this.#write('error', 'fault', () => ({ where, error }));
  }

  /**
   * Everything that a client can cause goes through one throttle, so no client can flood the log.
   */
  #write(level: 'info' | 'error', message: string, fields: () => object): void {
    const unlogged = this.#throttle.pass();
    if (unlogged === undefined) return;
    this.#log[level](unlogged > 0 ? { ...fields(), unlogged } : fields(), message);
  }

  #requestFields({ request, env, from }: Pick<Verified, 'request' | 'env' | 'from'>) {
    // A server names its client. Only an IP address may enter the log.
    if (from !== undefined) {
      const { client } = from;
      return { client: client !== undefined && isIP(client) !== 0 ? client : undefined };
    }
    const incoming = (env as { incoming?: IncomingMessage } | undefined)?.incoming;
    if (request === undefined || incoming === undefined) return {};
    return {
      request: requestId(incoming, this.#proxies),
      client: clientOf(incoming, this.#proxies),
    };
  }
}

/** Text that may be a nonce or a signature. */
const LIKE_TOKEN = /\d{32}|[\da-z+=]{40}/;
/** Text that may be an OTP, or a piece of any part of a token. */
const LIKE_PIECE = /\d{6}|[\da-z+=]{20}/;

/** Leaves out texts that may be a token. Some fields come from a client, such as its origin. */
const withoutTokens = (fields: Parameters<Observer['event']>[1]): object =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => typeof value !== 'string' || !LIKE_TOKEN.test(value.toLowerCase()),
    ),
  );

/**
 * Returns the prepared jid for the log, or undefined if it may hold a token. A client that swaps
 * two fields puts a token where the name belongs.
 *
 * @param isMalformed - If true, the fields may have been cut in the wrong place, so the name must
 *   not hold a piece of a token either.
 */
export function loggedJid(jid: string, isMalformed: boolean): string | undefined {
  const prepared = prepareJid(jid);
  // A whole token has a space. No prepared name has one.
  if (prepared === null || prepared.length > 256) return undefined;
  return (isMalformed ? LIKE_PIECE : LIKE_TOKEN).test(prepared) ? undefined : prepared;
}

/**
 * The proxy's id of a request if the proxy is trusted and the id is harmless. Otherwise a new id.
 */
function requestId(incoming: IncomingMessage, { trusted }: Proxies): string {
  const given = incoming.headers['x-request-id'];
  return isTrustedPeer(incoming.socket, trusted) &&
    typeof given === 'string' &&
    /^[\w-]{8,64}$/.test(given)
    ? given
    : randomUUID();
}
