import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';

const lists = new WeakMap<readonly string[], BlockList>();
/**
 * Connections over a unix socket. They have no address, and neither has one over TCP that is closed
 * already.
 */
const localSockets = new WeakSet<Socket>();

/** Has a connection count as one from this machine: it came over a unix socket. */
export function markLocal(socket: Socket): void {
  localSockets.add(socket);
}

/**
 * The address of a request's client. `X-Forwarded-For` is the client's word, so it counts only as
 * far as trusted proxies wrote it: the last address in it that is no proxy's.
 *
 * Proxies write an address in four forms: `IP`, `IPV4:PORT`, `[IPV6]` and `[IPV6]:PORT`. Anything
 * else, such as `unknown`, ends the search at the proxy that wrote it.
 *
 * @param trusted - Addresses and networks (`10.0.0.0/8`) of proxies, and `unix` for peers over a
 *   unix socket. None: the header is not looked at. A peer over a unix socket is a process of this
 *   machine, so it is trusted too if `127.0.0.1` or `::1` is.
 * @returns Undefined if the peer has no address, and no trusted proxy names one.
 */
export function clientOf(
  incoming: IncomingMessage,
  trusted: readonly string[],
): string | undefined {
  const peer = plainAddress(incoming.socket.remoteAddress ?? '');
  if (!cameByProxy(incoming, trusted)) return peer || undefined;
  const header = incoming.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  let client = peer;
  for (const hop of hops.reverse()) {
    const address = addressOf(hop);
    if (address === undefined) break;
    client = address;
    if (!isTrusted(client, trusted)) break;
  }
  return client || undefined;
}

/** Whether a request came by a proxy that is trusted. */
export function cameByProxy({ socket }: IncomingMessage, trusted: readonly string[]): boolean {
  if (trusted.length === 0) return false;
  if (localSockets.has(socket)) {
    return trusted.includes(UNIX) || isTrusted('127.0.0.1', trusted) || isTrusted('::1', trusted);
  }
  return isTrusted(plainAddress(socket.remoteAddress ?? ''), trusted);
}

/**
 * The address in one hop of `X-Forwarded-For`, without port, brackets and zone; undefined if there
 * is none.
 */
function addressOf(hop: string): string | undefined {
  const text = hop.trim();
  const [, bracketed, v4] =
    /^(?:\[([\da-f:.]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/i.exec(text) ?? [];
  const address = bracketed ?? v4 ?? text.replace(/%[\w.-]{1,32}$/, '');
  const family = isIP(address);
  if (family === 0 || (bracketed !== undefined && family !== 6)) return undefined;
  return plainAddress(address);
}

/** Names peers over a unix socket in a list of proxies. */
const UNIX = 'unix';

/** Whether a text names proxies: an address, a network, or `unix`. */
export function isProxy(text: string): boolean {
  if (text === UNIX) return true;
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  );
}

function isTrusted(address: string, trusted: readonly string[]): boolean {
  // A zone (RFC 4007 §11) says which link; a list knows none.
  const [plain = ''] = address.split('%', 1);
  const family = isIP(plain);
  return family !== 0 && listOf(trusted).check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

function listOf(trusted: readonly string[]): BlockList {
  const known = lists.get(trusted);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const entry of trusted) {
    if (entry === UNIX) continue;
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(
      address,
      bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits),
      family,
    );
  }
  lists.set(trusted, list);
  return list;
}

/** An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) as IPv4. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
