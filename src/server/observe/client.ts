import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const lists = new WeakMap<readonly string[], BlockList>();

/**
 * The address of a request's client. `X-Forwarded-For` is the client's word, so it counts only as far as trusted proxies
 * wrote it: the last address in it that is no proxy's.
 *
 * @param trusted - Addresses and networks (`10.0.0.0/8`) of proxies. None: the header is not looked at.
 */
export function clientOf(incoming: IncomingMessage, trusted: readonly string[]): string | undefined {
  const peer = plainAddress(incoming.socket.remoteAddress ?? '');
  if (trusted.length === 0 || !isTrusted(peer, trusted)) return peer || undefined;
  const header = incoming.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((hop) => hop.trim());
  let client = peer;
  for (const hop of hops.reverse()) {
    if (isIP(hop) === 0) break;
    client = plainAddress(hop);
    if (!isTrusted(client, trusted)) break;
  }
  return client;
}

/** Whether a request came by a proxy that is trusted. */
export function cameByProxy(incoming: IncomingMessage, trusted: readonly string[]): boolean {
  return trusted.length > 0 && isTrusted(plainAddress(incoming.socket.remoteAddress ?? ''), trusted);
}

/** Whether a text is an address or a network. */
export function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  if (family === 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function isTrusted(address: string, trusted: readonly string[]): boolean {
  const family = isIP(address);
  return family !== 0 && listOf(trusted).check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function listOf(trusted: readonly string[]): BlockList {
  const known = lists.get(trusted);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }
  lists.set(trusted, list);
  return list;
}

/** IPv4 in IPv6's clothes (RFC 4291 §2.5.5.2) is IPv4. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
