import { VerifierError } from '../../errors.js';
import type { Connection } from './connection.js';
import { creationOf, type MemoryFacts } from './creation.js';
import { evictedKeysOf, withoutArguments } from './exchange.js';
import type { Settings } from './options.js';
import { timeOf } from './server-clock.js';

/** What is known of a server once it has been looked at. */
export interface Facts extends MemoryFacts {
  /** Another one after each start. */
  readonly runId: string;
  /** The end of the second in which it was started, by the same clock: it started before that. */
  readonly startedAtMs: number;
  /** Whether each write is on its disk before it is answered, so that a restart forgets nothing. */
  readonly isDurable: boolean;
  /**
   * Whether its file is being written anew; or for the first time, and then nothing counts as
   * written until it is done.
   */
  readonly isRewriting: boolean;
  /**
   * How often a node of a cluster was emptied since its start. Other servers have a key of creation
   * instead, and 0 here.
   */
  readonly flushes: number;
}

/**
 * What a server may say to the trial write without being unfit: that it cannot at the moment, or is
 * not the node for this key. The code is the first word of the text; the client gives it nowhere
 * else.
 */
const PASSING =
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|OOM|NOREPLICAS|MISCONF|BUSY)\b/;

/**
 * Looks whether a server is fit to be a guard: a master, that evicts nothing, with the replicas
 * that are asked for, on which this user may do what the guard does.
 *
 * @throws {VerifierError} `ERR_STORE_FAILED`, with what to change.
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
        'does not tell its min-replicas-to-write',
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

/** Whether this user may write such keys, and the server knows the commands. */
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
      : 'it takes Redis 6.2 or later, or Valkey';
    throw unfit(`refuses ${command} (${cause.message})`, fix, cause);
  }
}

/** Redis counts from the beginning of the second of its start to that of the present second. */
const startedByMs = (nowMs: number, uptimeSeconds: number): number =>
  (Math.floor(nowMs / 1000) - uptimeSeconds + 1) * 1000;

/** How often `FLUSHALL` and `FLUSHDB` were carried out, out of the reply to `INFO commandstats`. */
function flushesOf(info: unknown): number {
  const found = String(info).matchAll(/^cmdstat_flush(?:all|db):calls=(\d+)/gm);
  return [...found].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

/** The value out of a reply to `CONFIG GET`; undefined if that is not allowed. */
const configOf = (reply: unknown): string | undefined =>
  Array.isArray(reply) ? reply[1] : undefined;
