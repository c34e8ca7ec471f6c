import type { ConnectionOptions } from 'node:tls';
import { checkInteger, checkKnown, described } from '../../check.js';
import { optionError, type VerifierError } from '../../errors.js';
import { type Address, parseAddresses } from './address.js';

/** What `createRedisGuard` takes. One of `url`, `nodes` and `sentinel` says where the store is. */
export interface RedisGuardOptions extends RedisCredentials {
  /**
   * One server: `redis://[username[:password]@]host[:port][/database]`, `rediss://` for TLS, or
   * `unix:/path/of/socket[?db=database]`, also written `redis+unix://`.
   */
  readonly url?: string | undefined;
  /**
   * Some nodes of a cluster, as for `url` but without a database; the others are found through
   * them.
   */
  readonly nodes?: readonly string[] | undefined;
  /** Sentinels, who say which server is the master. */
  readonly sentinel?: RedisSentinelOptions | undefined;
  /**
   * TLS with these options of `node:tls` (`ca`, `cert`, `key`, `servername`); `true` is the same as
   * `rediss:`.
   */
  readonly tls?: boolean | ConnectionOptions | undefined;
  /**
   * Begins every key, so that tenants can share a server. Default `tt:`, 64 characters at most, no
   * braces.
   */
  readonly prefix?: string | undefined;
  /**
   * Longest time for an answer, in milliseconds, 1 to 60000, default 1500. Keep it below the
   * verifier's `guardTimeoutMs`.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Longest time to connect, log in and look at a server, in milliseconds, 1 to 60000, default
   * 1000.
   */
  readonly connectTimeoutMs?: number | undefined;
  /** Answers `fresh` only when so many replicas have the mark too. Default: none is waited for. */
  readonly wait?: RedisWaitOptions | undefined;
  /** Refuses a server whose `min-replicas-to-write` is below this. Default 0. */
  readonly minReplicas?: number | undefined;
  /**
   * How much longer than necessary the server keeps a mark, in milliseconds, 1000 to 3600000,
   * default 10000. It covers what the clocks of a master and its replicas differ by, and a clock
   * that is set back.
   */
  readonly marginMs?: number | undefined;
  /**
   * How long a token is good for the verifier with the widest window that shares the store, `(past
   * + 1 + future) * period`, in milliseconds, 1000 to 1814400000. Default: as long as the asking
   * verifier's own window says. After a restart, tokens that may have been accepted before it are
   * `stale` for so long.
   */
  readonly lifetimeMs?: number | undefined;
  /**
   * Which tokens are `stale` because they may have been accepted and forgotten, or accepted
   * elsewhere: `'restart'` (default), those that were good before a server was restarted which does
   * not sync each write to its disk, once this guard notices it; `'start'`, also if that was before
   * the guard was made; `'creation'`, the same, and those that were good before the server's memory
   * began: it was emptied, or is used for the first time; `'opening'`, as `'start'` and also those that were good before this guard was made, by the
   * server's clock and `marginMs`: for a guard that takes the place of another; `'none'`, none.
   */
  readonly rejectStepsBefore?: RejectStepsBefore | undefined;
  /**
   * After a failure that a few retries did not cure, the server is left alone so long, in
   * milliseconds. Default 500.
   */
  readonly retryAfterMs?: number | undefined;
  /**
   * Told of what an operator should know, at most once in ten seconds for each kind. What it throws
   * is dropped.
   */
  readonly onProblem?: ((problem: VerifierError) => void) | undefined;
}

type RejectStepsBefore = 'restart' | 'start' | 'creation' | 'opening' | 'none';

/** Who logs in at the server. They take precedence over those in an address. */
export interface RedisCredentials {
  /** Name of an ACL user. Default: the server's default user. */
  readonly username?: string | undefined;
  /** A function is asked again for every connection, so that passwords can change. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
}

/** Replicas that are waited for, `WAIT` in Redis. */
export interface RedisWaitOptions {
  /** Replicas that must have acknowledged, 1 to 100. */
  readonly replicas: number;
  /**
   * How long to wait for them, in milliseconds. Default: half of the guard's `timeoutMs`, which is
   * also the most.
   */
  readonly timeoutMs?: number | undefined;
}

export interface RedisSentinelOptions extends RedisCredentials {
  /** The master's name in the Sentinels' configuration. */
  readonly name: string;
  /** Addresses of Sentinels, as for `url`. */
  readonly nodes: readonly string[];
}

/** The options, checked and filled up. */
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
  /** 0: each mark says it. */
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

/** @throws {VerifierError} `ERR_OPTION`, with the name of what is wrong. */
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

/** Where the store is, and what its addresses say of TLS and who logs in. */
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
  // A hash tag would put all marks of a tenant on one node of a cluster.
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
