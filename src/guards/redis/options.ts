import type { ConnectionOptions } from 'node:tls';
import { checkInteger, checkKnown, described } from '../../check.js';
import { optionError, type VerifierError } from '../../errors.js';
import { type Address, parseAddresses } from './address.js';

/**
 * The options of `createRedisGuard`. Exactly one of `url`, `nodes` and `sentinel` names the store.
 */
export interface RedisGuardOptions extends RedisCredentials {
  /**
   * One server: `redis://[username[:password]@]host[:port][/database]`, `rediss://` for TLS, or
   * `unix:/path/of/socket[?db=database]`, also written `redis+unix://`.
   */
  readonly url?: string | undefined;
  /**
   * Some nodes of a cluster, written like `url` but without a database. They name the other nodes.
   */
  readonly nodes?: readonly string[] | undefined;
  /** Sentinels, which name the master. */
  readonly sentinel?: RedisSentinelOptions | undefined;
  /**
   * TLS with these options of `node:tls` (`ca`, `cert`, `key`, `servername`). `true` is the same as
   * `rediss:`.
   */
  readonly tls?: boolean | ConnectionOptions | undefined;
  /**
   * Prefix of every key, so that tenants can share a server. At most 64 characters, without braces.
   * Default `tt:`.
   */
  readonly prefix?: string | undefined;
  /**
   * The longest time for an answer, in milliseconds, 1 to 60000, default 1500. Keep it below the
   * verifier's `guardTimeoutMs`.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The longest time to connect, log in and inspect a server, in milliseconds, 1 to 60000, default
   * 1000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Answers `fresh` only after a number of replicas have the mark too. Default: does not wait for
   * replicas.
   */
  readonly wait?: RedisWaitOptions | undefined;
  /** Refuses a server whose `min-replicas-to-write` is below this. Default 0. */
  readonly minReplicas?: number | undefined;
  /**
   * How much longer than necessary the server keeps a mark, in milliseconds, 1000 to 3600000,
   * default 10000. It covers differences between the clocks of a master and its replicas, and a
   * clock that is set back.
   */
  readonly marginMs?: number | undefined;
  /**
   * How long a token is valid for the verifier with the widest window that shares the store, `(past
   * + 1 + future) * period`, in milliseconds, 1000 to 1814400000. Default: the lifetime in the
   * asking verifier's window. After a restart, tokens that may have been accepted before it are
   * `stale` for this long.
   */
  readonly lifetimeMs?: number | undefined;
  /**
   * Which tokens are `stale` because they may have been accepted and forgotten, or accepted
   * elsewhere.
   *
   * - `'restart'` (default): tokens that were valid before a restart of a server that does not sync
   * each write to its disk, once this guard notices the restart.
   * - `'start'`: as `'restart'`, and also for restarts before the guard was made.
   * - `'creation'`: as `'start'`, and also tokens that were valid before the server's memory began,
   * because it was emptied or is used for the first time.
   * - `'opening'`: as `'start'`, and also tokens that were valid before this guard was made, by the
   * server's clock plus `marginMs`. Use it for a guard that replaces another.
   * - `'none'`: no tokens.
   */
  readonly rejectStepsBefore?: RejectStepsBefore | undefined;
  /**
   * How long a server is not asked after a failure that retries did not cure, in milliseconds.
   * Default 500.
   */
  readonly retryAfterMs?: number | undefined;
  /**
   * Called with problems that an operator should know about, each kind at most once in ten seconds.
   * Errors that this function throws are ignored.
   */
  readonly onProblem?: ((problem: VerifierError) => void) | undefined;
}

type RejectStepsBefore = 'restart' | 'start' | 'creation' | 'opening' | 'none';

/** Credentials for a server. They override credentials in an address. */
export interface RedisCredentials {
  /** Name of an ACL user. Default: the server's default user. */
  readonly username?: string | undefined;
  /** A function is called for every connection, so that the password can change. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
}

/** Waiting for replicas, `WAIT` in Redis. */
export interface RedisWaitOptions {
  /** How many replicas must acknowledge a mark, 1 to 100. */
  readonly replicas: number;
  /**
   * How long to wait for them, in milliseconds. Default and maximum: half of the guard's
   * `timeoutMs`.
   */
  readonly timeoutMs?: number | undefined;
}

export interface RedisSentinelOptions extends RedisCredentials {
  /** The master's name in the Sentinels' configuration. */
  readonly name: string;
  /** Addresses of Sentinels, written like `url`. */
  readonly nodes: readonly string[];
}

/** The checked options with their defaults. */
export interface Settings {
  readonly kind: 'server' | 'cluster' | 'sentinel';
  readonly addresses: readonly Address[];
  readonly database: number;
  readonly tls: ConnectionOptions | undefined;
  readonly credentials: RedisCredentials;
  readonly sentinel: { readonly name: string; readonly credentials: RedisCredentials } | undefined;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly wait: { readonly replicas: number; readonly timeoutMs: number } | undefined;
  readonly minReplicas: number;
  readonly marginMs: number;
  /** 0: the times of each mark say it. */
  readonly lifetimeMs: number;
  readonly rejectStepsBefore: RejectStepsBefore;
  readonly retryAfterMs: number;
  readonly onProblem: ((problem: VerifierError) => void) | undefined;
}

const NAMES = [
  'url',
  'nodes',
  'sentinel',
  'username',
  'password',
  'tls',
  'prefix',
  'timeoutMs',
  'connectTimeoutMs',
  'wait',
  'minReplicas',
  'marginMs',
  'lifetimeMs',
  'rejectStepsBefore',
  'retryAfterMs',
  'onProblem',
];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MAX_REPLICAS = 100;

/** @throws {VerifierError} `ERR_OPTION`, with the name of the faulty option. */
export function settingsOf(options: RedisGuardOptions): Settings {
  checkKnown(options, NAMES, 'options');
  const { onProblem, rejectStepsBefore = 'restart' } = options;
  if (onProblem !== undefined && typeof onProblem !== 'function') {
    throw optionError('onProblem', 'not a function', 'hand in (problem) => void');
  }
  if (!['restart', 'start', 'creation', 'opening', 'none'].includes(rejectStepsBefore)) {
    throw optionError(
      'rejectStepsBefore',
      'unknown',
      "write 'restart', 'start', 'creation', 'opening' or 'none'",
    );
  }
  const { tls, username, password, ...place } = placeOf(options);
  const isSocket = place.addresses.some(({ socket }) => socket !== undefined);
  if (isSocket && place.kind !== 'server') {
    const field = place.kind === 'cluster' ? 'nodes' : 'sentinel.nodes';
    throw optionError(field, 'a unix socket', 'write addresses that other servers can name');
  }
  if (isSocket && options.tls !== undefined && options.tls !== false) {
    throw optionError('tls', 'set for a unix socket', 'leave it out: nothing leaves the machine');
  }
  const timeoutMs = checkInteger(options.timeoutMs, 'timeoutMs', 1500, 1, MINUTE_MS);
  return {
    ...place,
    tls: tlsOf(options.tls, tls),
    credentials: credentialsOf(options, { username, password }),
    prefix: checkPrefix(options.prefix),
    timeoutMs,
    connectTimeoutMs: checkInteger(
      options.connectTimeoutMs,
      'connectTimeoutMs',
      1000,
      1,
      MINUTE_MS,
    ),
    wait: waitOf(options.wait, timeoutMs),
    minReplicas: checkInteger(options.minReplicas, 'minReplicas', 0, 0, MAX_REPLICAS),
    marginMs: checkInteger(options.marginMs, 'marginMs', 10_000, 1000, HOUR_MS),
    lifetimeMs: checkInteger(options.lifetimeMs, 'lifetimeMs', 0, 1000, 21 * DAY_MS),
    rejectStepsBefore,
    retryAfterMs: checkInteger(options.retryAfterMs, 'retryAfterMs', 500, 1, MINUTE_MS),
    onProblem,
  };
}

/** Reads where the store is, and the TLS and credentials in its addresses. */
function placeOf({ url, nodes, sentinel }: RedisGuardOptions) {
  if ([url, nodes, sentinel].filter((each) => each !== undefined).length !== 1) {
    throw optionError(
      'url',
      'one of url, nodes and sentinel says where the store is',
      'write one of them',
    );
  }
  if (sentinel !== undefined) {
    checkKnown(sentinel, ['name', 'nodes', 'username', 'password'], 'sentinel');
    if (typeof sentinel.name !== 'string' || sentinel.name === '') {
      throw optionError('sentinel.name', 'missing', "write the master's name, such as mymaster");
    }
    const { username, password, database, ...place } = parseAddresses(
      sentinel.nodes,
      'sentinel.nodes',
    );
    const credentials = credentialsOf(sentinel, { username, password });
    return {
      kind: 'sentinel',
      ...place,
      database,
      sentinel: { name: sentinel.name, credentials },
      username: undefined,
      password: undefined,
    } as const;
  }
  if (url !== undefined) {
    return { kind: 'server', ...parseAddresses([url], 'url'), sentinel: undefined } as const;
  }
  const place = parseAddresses(nodes, 'nodes');
  if (place.database !== 0)
    throw optionError('nodes', 'a cluster has one database', 'leave it out');
  return { kind: 'cluster', ...place, sentinel: undefined } as const;
}

function credentialsOf(given: RedisCredentials, inAddress: RedisCredentials): RedisCredentials {
  const { username = inAddress.username, password = inAddress.password } = given;
  if (username !== undefined && typeof username !== 'string') {
    throw optionError('username', `got ${described(username)}`, 'write the name of an ACL user');
  }
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function') {
    throw optionError(
      'password',
      `got ${described(password)}`,
      'write a text or a function that gives it',
    );
  }
  if (username !== undefined && password === undefined) {
    throw optionError('password', 'missing', 'write one beside the username');
  }
  return { username, password };
}

function tlsOf(tls: RedisGuardOptions['tls'], isInAddress: boolean): ConnectionOptions | undefined {
  if (tls === undefined) return isInAddress ? {} : undefined;
  if (tls === false && isInAddress)
    throw optionError('tls', 'false, but the address says rediss:', 'write redis:');
  if (typeof tls === 'boolean') return tls ? {} : undefined;
  if (typeof tls !== 'object' || tls === null) {
    throw optionError(
      'tls',
      `got ${described(tls)}`,
      'write true or { ca, cert, key, servername }',
    );
  }
  return tls;
}

function checkPrefix(prefix = 'tt:'): string {
  if (typeof prefix !== 'string' || prefix.length > 64) {
    throw optionError(
      'prefix',
      'not a text of 64 characters at most',
      'write a short one, such as shop:',
    );
  }
  // Braces would make a hash tag, which puts all marks of a tenant on one node of a cluster.
  if (/[{}]/.test(prefix)) throw optionError('prefix', 'braces', 'leave them out');
  return prefix;
}

function waitOf(wait: RedisGuardOptions['wait'], timeoutMs: number): Settings['wait'] {
  if (wait === undefined) return undefined;
  checkKnown(wait, ['replicas', 'timeoutMs'], 'wait');
  if (wait.replicas === undefined)
    throw optionError('wait.replicas', 'missing', 'write how many must acknowledge');
  const half = Math.ceil(timeoutMs / 2);
  return {
    replicas: checkInteger(wait.replicas, 'wait.replicas', 1, 1, MAX_REPLICAS),
    timeoutMs: checkInteger(wait.timeoutMs, 'wait.timeoutMs', half, 1, half),
  };
}
