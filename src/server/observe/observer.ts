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

/** Writes what happens into metrics and log. A token, an OTP, a nonce or a key is in neither. */
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
    // A line that is not written costs nothing.
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
   * All that a client can cause goes through one throttle: whichever it is, the log cannot be
   * flooded.
   */
  #write(level: 'info' | 'error', message: string, fields: () => object): void {
    const unlogged = this.#throttle.pass();
    if (unlogged === undefined) return;
    this.#log[level](unlogged > 0 ? { ...fields(), unlogged } : fields(), message);
  }

  #requestFields({ request, env, from }: Pick<Verified, 'request' | 'env' | 'from'>) {
    // A server's word for its client: an address, or nothing that belongs into a log.
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

/** What may be a nonce or a signature. */
const LIKE_TOKEN = /\d{32}|[\da-z+=]{40}/;
/** What may be an OTP, or a piece of any part of a token. */
const LIKE_PIECE = /\d{6}|[\da-z+=]{20}/;

/** The fields without texts that may be a token: some are a client's word, such as its origin. */
const withoutTokens = (fields: Parameters<Observer['event']>[1]): object =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => typeof value !== 'string' || !LIKE_TOKEN.test(value.toLowerCase()),
    ),
  );

/**
 * A jid as the log may show it: a name in its one spelling, without anything like a token in it.
 * A client that swaps two fields puts a token where the name belongs.
 *
 * @param isMalformed - Then fields may have been cut in the wrong place, so the name must not have
 *   a piece of a token either.
 */
export function loggedJid(jid: string, isMalformed: boolean): string | undefined {
  const prepared = prepareJid(jid);
  // A whole token has a space, which no prepared name has.
  if (prepared === null || prepared.length > 256) return undefined;
  return (isMalformed ? LIKE_PIECE : LIKE_TOKEN).test(prepared) ? undefined : prepared;
}

/** The proxy's id of a request, where it may be believed and is harmless; else one of our own. */
function requestId(incoming: IncomingMessage, { trusted }: Proxies): string {
  const given = incoming.headers['x-request-id'];
  return isTrustedPeer(incoming.socket, trusted) &&
    typeof given === 'string' &&
    /^[\w-]{8,64}$/.test(given)
    ? given
    : randomUUID();
}
