import { optionError } from '../../errors.js';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 6379;

export const nameOf = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** The other way round: `host:port`, as a cluster's redirections have it. */
export function addressOf(name: string): Address {
  const at = name.lastIndexOf(':');
  return { host: name.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(name.slice(at + 1)) };
}

/**
 * Takes `redis://` and `rediss://` addresses apart. What they say besides host and port must be the
 * same in all, so it is given once.
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

type Parsed = ReturnType<typeof parse>;

function parse(text: string, field: string) {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^rediss?:$/.test(url.protocol) ||
    url.hostname === '' ||
    url.port === '0'
  ) {
    throw optionError(field, 'not an address', 'write redis://host:port or rediss://host:port');
  }
  const database = /^\/?(\d{0,5})$/.exec(url.pathname);
  if (database === null || url.search !== '' || url.hash !== '') {
    throw optionError(
      field,
      'something other than a database behind host and port',
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
