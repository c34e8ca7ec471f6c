import { VerifierError } from '../../errors.js';
import type { Connection } from './connection.js';
import { creationOf, type MemoryFacts } from './creation.js';
import { evictedKeysOf, withoutArguments } from './exchange.js';
import type { Settings } from './options.js';
import { timeOf } from './server-clock.js';

/** The facts that an inspection of a server finds. */
export interface Facts extends MemoryFacts {
  /** A new id after each start. */
  readonly runId: string;
  /**
   * The end of the second in which the server was started, by the same clock. It started before
   * that.
   */
  readonly startedAtMs: number;
  /** Whether each write is on the disk before it is answered, so that a restart loses nothing. */
  readonly isDurable: boolean;
  /**
   * Whether the append-only file is being rewritten, or written for the first time. In the latter
   * case, no write is safe before it is complete.
   */
  readonly isRewriting: boolean;
  /**
   * How often a node of a cluster was emptied since its start. 0 for other servers, which have the
   * key of `creationKey` instead.
   */
  readonly flushes: number;
}

/**
 * Refusals of the trial write that do not make a server unfit: it cannot write at the moment, or is
 * not the node for this key. The code is the first word of the text. The client has it nowhere
 * else.
 */
const PASSING =
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|OOM|NOREPLICAS|MISCONF|BUSY)\b/;

/**
 * Checks that a server is fit to be a guard. It must be a master, must not evict keys, must have
 * the required replicas, and must allow this user the guard's commands.
 *
 * @throws {VerifierError} `ERR_STORE_FAILED`, with the fix in its message.
 */
export async function inspect(
  connection: Connection,
  name: string,
  settings: Settings,
): Promise<Facts> {
  const unfit = (fault: string, fix: string, cause?: Error) =>
    new VerifierError(
      'ERR_STORE_FAILED',
      `redis ${name}: ${fault}; ${fix}`,
      cause ? { cause } : {},
    );
  const isNode = settings.kind === 'cluster';
  const [info, time, minReplicas, appendfsync, noSyncOnRewrite, calls] = await connection.oneByOne([
    ['INFO'],
    ['TIME'],
    ['CONFIG', 'GET', 'min-replicas-to-write'],
    ['CONFIG', 'GET', 'appendfsync'],
    ['CONFIG', 'GET', 'no-appendfsync-on-rewrite'],
    ...(isNode ? [['INFO', 'commandstats']] : []),
  ]);
  for (const [command, reply] of Object.entries({ info, time })) {
    if (reply instanceof Error) {
      const fix = reply.message.startsWith('NOAUTH')
        ? 'give the password that it asks for'
        : `allow it: +${command}`;
      throw unfit(`refuses ${command} (${reply.message})`, fix, reply);
    }
  }
  const field = (wanted: string) =>
    new RegExp(`^${wanted}:(.*?)\\r?$`, 'm').exec(String(info))?.[1] ?? '';

  if (field('role') !== 'master')
    throw unfit(`is a ${field('role') || 'server without a role'}`, 'name the master');
  const policy = field('maxmemory_policy');
  if (policy !== 'noeviction') {
    throw unfit(
      `its maxmemory-policy is ${policy || 'unknown'}, which may forget accepted tokens when its memory is full`,
      'set maxmemory-policy noeviction',
    );
  }
  if (settings.minReplicas > 0) {
    const value = configOf(minReplicas);
    if (value === undefined)
      throw unfit(
        'does not reveal its min-replicas-to-write',
        'allow +config|get, or drop minReplicas',
      );
    if (Number(value) < settings.minReplicas) {
      throw unfit(`its min-replicas-to-write is ${value}`, `set it to ${settings.minReplicas}`);
    }
  }
  const nowMs = timeOf(time);
  await tryWriting(connection, settings, nowMs, unfit);
  const creation = isNode ? undefined : await creationOf(connection, settings, nowMs);
  return {
    runId: field('run_id'),
    nowMs,
    startedAtMs: startedByMs(nowMs, Number(field('uptime_in_seconds'))),
    isDurable:
      field('aof_enabled') === '1' &&
      configOf(appendfsync) === 'always' &&
      configOf(noSyncOnRewrite) === 'no',
    isRewriting: field('aof_rewrite_in_progress') === '1' || field('aof_rewrite_scheduled') === '1',
    evictedKeys: evictedKeysOf(info),
    creation,
    flushes: flushesOf(calls),
  };
}

/** Checks that this user may write such keys, and that the server knows the commands. */
async function tryWriting(
  connection: Connection,
  { kind, prefix, wait }: Settings,
  nowMs: number,
  unfit: (fault: string, fix: string, cause: Error) => VerifierError,
): Promise<void> {
  const key = `${prefix}trial`;
  const end = String(nowMs + 1000);
  const commands = [
    ['SET', key, '1', 'NX', 'PXAT', end],
    ['GET', key],
    ...(kind === 'cluster' && wait === undefined ? [] : [['PEXPIREAT', key, end]]),
    ...(wait === undefined ? [] : [['WAIT', '0', '1']]),
  ];
  const replies = await connection.oneByOne(commands);
  for (const [i, reply] of replies.entries()) {
    if (!(reply instanceof Error) || PASSING.test(reply.message)) continue;
    const command = commands[i]?.[0]?.toLowerCase();
    const cause = withoutArguments(reply);
    const fix = reply.message.startsWith('NOPERM')
      ? `allow the user +${command} on ~${prefix}*`
      : 'use Redis 6.2 or later, or Valkey';
    throw unfit(`refuses ${command} (${cause.message})`, fix, cause);
  }
}

/**
 * Redis counts its uptime from the beginning of the second of its start to the beginning of the
 * present second.
 */
const startedByMs = (nowMs: number, uptimeSeconds: number): number =>
  (Math.floor(nowMs / 1000) - uptimeSeconds + 1) * 1000;

/** Reads how often `FLUSHALL` and `FLUSHDB` ran from the reply to `INFO commandstats`. */
function flushesOf(info: unknown): number {
  const found = String(info).matchAll(/^cmdstat_flush(?:all|db):calls=(\d+)/gm);
  return [...found].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

/** Reads the value from a reply to `CONFIG GET`. Undefined if that command is not allowed. */
const configOf = (reply: unknown): string | undefined =>
  Array.isArray(reply) ? reply[1] : undefined;
