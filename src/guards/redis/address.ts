import { platform } from 'node:os';
import { optionError } from '../../errors.js';
import { bytesOf } from '../../text/utf8.js';

/** The address of a server. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Path of a unix socket. It is used instead of host and port. */
  readonly socket?: string | undefined;
}

const DEFAULT_PORT = 6379;

export function nameOf({ host, port, socket }: Address): string {
  if (socket !== undefined) return `unix:${socket}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Parses `host:port`, the form of a cluster's redirections. The inverse of `nameOf`. */
export function addressOf(name: string): Address {
  const at = name.lastIndexOf(':');
  return { host: name.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(name.slice(at + 1)) };
}

/**
 * Parses `redis://`, `rediss://` and `unix:` addresses. All parts except host and port must be the
 * same in every address, and are returned once.
 *
 * @throws {VerifierError} `ERR_OPTION`. An address may hold a password, so the message never
 *   repeats it.
 */
export function parseAddresses(urls: readonly string[] | undefined, field: string) {
  if (!Array.isArray(urls) || urls.length === 0)
    throw optionError(field, 'not a list', 'write an address');
  const all = urls.map((url) => parse(url, field));
  const [{ address: _, ...common }, ...others] = all as [Parsed, ...Parsed[]];
  for (const { address: _, ...other } of others) {
    if (JSON.stringify(other) !== JSON.stringify(common)) {
      throw optionError(
        field,
        'the addresses differ in more than host and port',
        'write credentials as options',
      );
    }
  }
  return { addresses: all.map(({ address }) => address), ...common };
}

interface Parsed {
  readonly address: Address;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

/** `unix:/run/redis.sock`, or `redis+unix:///run/redis.sock`, optionally followed by `?db=1`. */
const SOCKET = /^(?:redis\+)?unix:(?:\/\/(?=\/))?(?<path>[^?#]*)(?<rest>.*)$/is;
/** The systems' limit: 108 bytes with the NUL on Linux, 104 on BSD. */
const MAX_SOCKET_BYTES = platform() === 'linux' ? 107 : 103;

function parseSocket(path: string, rest: string, field: string): Parsed {
  const database = /^(?:\?db=(\d{1,5}))?$/.exec(rest);
  // Any other text here may be a password, as other programs write it.
  if (database === null) {
    throw optionError(field, 'something other than ?db=NUMBER after the path', 'leave it out');
  }
  if (!path.startsWith('/') || path.startsWith('//') || path.includes('\0')) {
    throw optionError(field, 'not the path of a socket', 'write unix:/run/redis/redis.sock, say');
  }
  if (bytesOf(path).length > MAX_SOCKET_BYTES) {
    throw optionError(field, 'a path that is too long', `use ${MAX_SOCKET_BYTES} bytes at most`);
  }
  return {
    address: { host: 'localhost', port: 0, socket: path },
    tls: false,
    username: undefined,
    password: undefined,
    database: Number(database[1] ?? 0),
  };
}

function parse(text: string, field: string): Parsed {
  const { path, rest = '' } = (typeof text === 'string' && SOCKET.exec(text)?.groups) || {};
  if (path !== undefined) return parseSocket(path, rest, field);
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^rediss?:$/.test(url.protocol) ||
    url.hostname === '' ||
    url.port === '0'
  ) {
    throw optionError(
      field,
      'not an address',
      'write redis://host:port, rediss://host:port or unix:/path',
    );
  }
  const database = /^\/?(\d{0,5})$/.exec(url.pathname);
  if (database === null || url.search !== '' || url.hash !== '') {
    throw optionError(
      field,
      'something other than a database after host and port',
      'write /0, say, or nothing',
    );
  }
  return {
    address: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    },
    tls: url.protocol === 'rediss:',
    username: textOf(url.username, field),
    password: textOf(url.password, field),
    database: Number(database[1]),
  };
}

function textOf(part: string, field: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw optionError(
      field,
      'credentials that are not percent-encoded',
      'write username and password as options',
    );
  }
}
