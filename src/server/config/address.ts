import { isIPv4, isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';

const UNIX = 'unix:';
const MAX_PORT = 65_535;
/**
 * The most bytes of a socket's path, without the NUL at its end. `sun_path` has 108 bytes on Linux
 * and 104 on BSD.
 */
const MAX_SOCKET_BYTES = process.platform === 'linux' ? 107 : 103;

/** The path in `unix:PATH`; undefined for another address. */
export const socketPath = (address: string): string | undefined =>
  address.startsWith(UNIX) ? address.slice(UNIX.length) : undefined;

/** Where to listen: `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. */
export const addressSchema = z.string().superRefine((address, context) => {
  const message = addressFault(address);
  // Without this, checks of several fields would run on an address that cannot be used.
  if (message !== undefined) context.addIssue({ code: 'custom', message, continue: false });
});

/** Says what to write instead. Undefined if the address is usable. */
function addressFault(address: string): string | undefined {
  const path = socketPath(address);
  if (path !== undefined) return pathFault(path);
  const [, bracketed, name, port] =
    /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(address) ?? [];
  const isHost = bracketed === undefined ? name !== undefined && isName(name) : isIPv6(bracketed);
  if (!isHost) return 'write HOST:PORT, [IPV6]:PORT or unix:PATH';
  return Number(port) <= MAX_PORT ? undefined : `write a port up to ${MAX_PORT}`;
}

function pathFault(path: string): string | undefined {
  if (path === '' || /[\0\n\r]/.test(path)) return 'write unix: and the path of a socket';
  const bytes = Buffer.byteLength(path);
  if (process.platform === 'win32' || bytes <= MAX_SOCKET_BYTES) return undefined;
  return `write a path of at most ${MAX_SOCKET_BYTES} bytes, which is the limit of this system; it has ${bytes}`;
}

/** A name of digits and dots alone must be an IPv4 address. */
const isName = (name: string): boolean => !/^[\d.]+$/.test(name) || isIPv4(name);

/**
 * Whether two addresses conflict, so that two servers cannot listen at both. Port 0 never
 * conflicts: it is a new port each time.
 */
export function isSameAddress(one: string, other: string): boolean {
  const [path, otherPath] = [socketPath(one), socketPath(other)];
  if (path !== undefined || otherPath !== undefined) {
    return path !== undefined && otherPath !== undefined && resolve(path) === resolve(otherPath);
  }
  const [a, b] = [partsOf(one), partsOf(other)];
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || WILDCARDS.has(a.host) || WILDCARDS.has(b.host);
}

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '[::]']);

function partsOf(address: string): { host: string; port: number } {
  // Normalises the spelling: [0:0:0:0:0:0:0:1] becomes [::1].
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).toLowerCase();
  const spelled = host.startsWith('[') ? new URL(`http://${host}`).hostname : host;
  return {
    host: spelled === 'localhost' ? '127.0.0.1' : spelled,
    port: Number(address.slice(colon + 1)),
  };
}
