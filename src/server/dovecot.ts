import { randomBytes } from 'node:crypto';
import { DovecotSession } from '../gateway/protocols/dovecot.js';
import type { Judge, Realm } from '../gateway/protocols/sasl-attempt.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { Config } from './config/schema.js';
import { type ProtocolHooks, ProtocolServer } from './protocol-server.js';

export interface DovecotHooks extends Judge, Pick<ProtocolHooks, 'proxyProtocol'> {
  /** Hosts that have keys. */
  readonly hosts: () => readonly string[];
  /** A connection was turned away or cut off. */
  readonly refused: ProtocolHooks['refused'];
  /** Milliseconds since any fixed moment. Default: `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

/** Listens for the clients of Dovecot's authentication protocol. */
export class DovecotServer extends ProtocolServer {
  constructor(
    { host, connections }: Pick<Config['dovecot'], 'host' | 'connections'>,
    { check, refuse, hosts, refused, proxyProtocol, clock }: DovecotHooks,
  ) {
    let connectionId = 0;
    super({
      field: 'dovecot.listen',
      connections,
      refused,
      proxyProtocol,
      clock,
      open: (connection) => {
        const session = new DovecotSession({
          ...connection,
          check,
          refuse,
          realmOf: (service) => realmOf(service, hosts(), host),
          processId: process.pid,
          connectionId: ++connectionId,
          cookie: randomBytes(16).toString('hex'),
          clock,
        });
        return {
          get isClient() {
            return session.isClient;
          },
          receive: (bytes) => session.receive(bytes.toString('latin1')),
          release: () => session.release(),
          end: () => session.end(),
          drain: () => session.drain(),
          expire: () => session.expire(),
        };
      },
    });
  }
}

/**
 * The host of a client's users. Prosody can name a host as its service. Then only that host counts.
 * Otherwise it is the configured host, or the only host that has keys. XMPP users must have that
 * host. Users of a mail server may have any host.
 */
export function realmOf(
  service: string | undefined,
  hosts: readonly string[],
  chosen: string | undefined,
): Realm {
  // The protocol's text holds one byte in each character.
  const named = prepareJid(`x@${Buffer.from(service ?? '', 'latin1')}`)?.slice(2);
  if (named !== undefined && hosts.includes(named)) return { host: named, isFixed: true };
  // A dot shows that the service is a host, here one without keys. Another host must not take its
  // place.
  if (service?.includes('.')) return { host: undefined, isFixed: true };
  return {
    host: chosen ?? (hosts.length === 1 ? hosts[0] : undefined),
    isFixed: service === 'xmpp',
  };
}
