import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { plainAddress } from '../../text/ip.js';

const lists = new WeakMap<readonly string[], BlockList>();
/**
 * Connections over a unix socket. They have no address. A TCP connection that is already closed has
 * none either, so the set tells them apart.
 */
const localSockets = new WeakSet<Socket>();

/** Marks a connection as local: it came over a unix socket. */
export function markLocal(socket: Socket): void {
  localSockets.add(socket);
}

/** Marks a connection as coming from an address that a trusted proxy named. */
export function markFrom(socket: Socket, address: string): void {
  localSockets.delete(socket);
  // This property hides the getter of the prototype, so all readers get this address.
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true });
}

const unknownClients = new WeakSet<Socket>();

/**
 * Marks a connection whose trusted proxy does not know the client. The connection keeps the proxy's
 * address, and addresses in its request headers are not trusted.
 */
export function markUnknown(socket: Socket): void {
  unknownClients.add(socket);
}

/** The trusted proxies, and the header in which they name the client. */
export interface Proxies {
  /** Addresses, networks and `unix`. */
  readonly trusted: readonly string[];
  /** The header that they write. The other header is never read. */
  readonly header: ProxyHeaderName;
}

export const PROXY_HEADERS = ['x-forwarded-for', 'forwarded'] as const;
export type ProxyHeaderName = (typeof PROXY_HEADERS)[number];

/**
 * The address of a request's client. A client can write any header, so only the part that trusted
 * proxies appended counts. The result is the last address in the header that is not a trusted
 * proxy. Only the header that the settings name is read: a proxy appends to that one, and passes
 * the client's other header on.
 *
 * A hop whose address cannot be read, such as `unknown` or `_hidden`, ends the search at the proxy
 * that wrote it.
 *
 * @param proxies - `trusted` has addresses and networks (`10.0.0.0/8`) of proxies, and `unix` for
 *   peers over a unix socket. If it is empty, no header is read. A peer over a unix socket is a
 *   process of this machine, so it is trusted too if `127.0.0.1` or `::1` is.
 * @returns Undefined if the peer has no address and no trusted proxy names one.
 */
export function clientOf(
  incoming: IncomingMessage,
  { trusted, header }: Proxies,
): string | undefined {
  const peer = plainAddress(incoming.socket.remoteAddress ?? '');
  if (!isTrustedPeer(incoming.socket, trusted)) return peer || undefined;
  const value = incoming.headers[header];
  const hops = (Array.isArray(value) ? value.join(',') : (value ?? '')).split(',');
  let client = peer;
  for (const hop of hops.reverse()) {
    const address = addressOf(header === 'forwarded' ? nodeOf(hop) : hop.trim());
    if (address === undefined) break;
    client = address;
    if (!isTrusted(client, trusted)) break;
  }
  return client || undefined;
}

/** Whether a connection comes from a trusted proxy. */
export function isTrustedPeer(socket: Socket, trusted: readonly string[]): boolean {
  if (trusted.length === 0 || unknownClients.has(socket)) return false;
  if (localSockets.has(socket)) {
    return trusted.includes(UNIX) || isTrusted('127.0.0.1', trusted) || isTrusted('::1', trusted);
  }
  return isTrusted(plainAddress(socket.remoteAddress ?? ''), trusted);
}

/**
 * The address of one hop, without port, brackets and zone. Undefined if there is no address.
 * Proxies write `IP`, `IPV4:PORT`, `[IPV6]` and `[IPV6]:PORT`. A port may be hidden (RFC 7239 §6).
 */
function addressOf(text: string | undefined): string | undefined {
  const [, bracketed, v4] =
    /^(?:\[([\da-f:.]+)\](?::(?:\d{1,5}|_[\w.-]+))?|([\d.]+):(?:\d{1,5}|_[\w.-]+))$/i.exec(
      text ?? '',
    ) ?? [];
  const address = bracketed ?? v4 ?? text?.replace(/%[\w.-]{1,32}$/, '') ?? '';
  const family = isIP(address);
  if (family === 0 || (bracketed !== undefined && family !== 6)) return undefined;
  return plainAddress(address);
}

/**
 * RFC 9110 §5.6.2 and §5.6.4. Quoted strings have no comma here, because no proxy writes one into
 * `Forwarded`.
 */
const TOKEN = /[!#$%&'*+.^`|~\w-]+/.source;
const PAIR = `${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\,]|\\\\[^,])*")`;
/** RFC 7239 §4, forwarded-element. A list may have empty elements. */
const ELEMENT = new RegExp(`^[ \\t]*(?:${PAIR})?(?:;(?:${PAIR})?)*[ \\t]*$`);
const PAIRS = new RegExp(PAIR, 'g');

/**
 * The node after `for` in one element of `Forwarded` (RFC 7239 §5.2). Undefined if the element is
 * malformed or has no `for`. Elements are cut at commas from the right, so a quotation mark that a
 * client left open cannot reach an element that a proxy appended.
 */
function nodeOf(element: string): string | undefined {
  if (!ELEMENT.test(element)) return undefined;
  // Matches pair by pair, so that a `for=` within quotation marks does not count.
  const nodes = (element.match(PAIRS) ?? []).filter((pair) => /^for=/i.test(pair));
  // Each parameter may occur once.
  return nodes.length === 1 ? nodes[0]!.slice(4).replace(/^"(.*)"$/, '$1') : undefined;
}

/** Stands for peers over a unix socket in a list of proxies. */
const UNIX = 'unix';

/** Whether a text can be an entry of `trusted`: an address, a network, or `unix`. */
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
  // A zone (RFC 4007 §11) names a link. `BlockList` takes no zones.
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
