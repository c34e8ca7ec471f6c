import { X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { optionError, renamingFields } from '../errors.js';
import type { GatewayVerifier, TokenRules } from '../gateway/contract.js';
import type { LmdbGuardOptions } from '../guards/lmdb/index.js';
import type { RedisGuardOptions, RedisQuorumOptions } from '../guards/redis/index.js';
import { createGuardedVerifier, createVerifier, type ReplayGuard } from '../index.js';
import { readSmallFile, type UnreadableFile } from '../keyfile/small-file.js';
import { checkWindow, DEFAULT_PERIOD } from '../otp/options.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import { GuardStore, type MarkStore } from './cluster/guard/answerer.js';
import { GuardTable } from './cluster/guard/table.js';
import type { WorkerLink } from './cluster/link.js';
import { type GuardKind, guardKind, rejectStepsBefore } from './config/guard-schema.js';
import type { Config } from './config/schema.js';
import { fileError, readSecret } from './secrets.js';
import { SharedGuard } from './shared-guard.js';
import { type AskWait, NO_WAIT, waitOfGuard, waitOfMemory } from './startup-wait.js';

/** The password file's field, for messages. */
export const PASSWORD_FIELD = 'guard.redis.passwordFile';

/** The settings from which a guard and its verifier are made. */
export interface GuardChoice {
  readonly config: Config;
  readonly rules: TokenRules;
  /** The folder of the configuration. Relative paths start there. */
  readonly folder: string;
  readonly clock: () => number;
  /** The link to the leader, which holds the guard of all workers. */
  readonly leader?: Pick<WorkerLink, 'openGuard'> | undefined;
  /** Called with each problem that an operator should know about. */
  readonly onProblem: (problem: unknown) => void;
}

/** A verifier with its guard, and a method that closes both. */
export interface OpenVerifier {
  readonly verifier: GatewayVerifier;
  /** Says until when tokens are refused because the guard is new. */
  readonly startupWait: AskWait;
  close(): Promise<void>;
}

const DEFAULT_CAPACITY = 1_000_000;

/**
 * Opens a verifier with its guard in memory. By default it refuses tokens of steps in which an
 * earlier process may have accepted them.
 */
async function openMemory({ config: { guard }, rules, clock }: GuardChoice): Promise<OpenVerifier> {
  const before = rejectStepsBefore('memory', guard);
  const verifier = await createVerifier({
    ...rules,
    replay: { capacity: guard.capacity ?? DEFAULT_CAPACITY, rejectStepsBefore: before },
    clock,
    prepareJid,
  });
  return {
    verifier,
    startupWait: before === 'none' ? NO_WAIT : waitOfMemory(clock(), rules, clock),
    close: async () => verifier.dispose(),
  };
}

/**
 * Opens the verifier that a configuration asks for: with a guard in memory, or with a guard that
 * several processes share.
 *
 * @throws {VerifierError} The verifier cannot be made, or the guard cannot be used.
 */
export async function openVerifier(choice: GuardChoice): Promise<OpenVerifier> {
  const { config, rules, clock, onProblem } = choice;
  const kind = guardKind(config);
  if (kind === 'memory' && choice.leader === undefined) return openMemory(choice);
  const inner = await openShared(choice, kind);
  const guard = new SharedGuard(inner, clock, rules.period ?? DEFAULT_PERIOD);
  const verifier = await createGuardedVerifier({
    ...rules,
    guard,
    guardTimeoutMs: config.guard.timeoutMs,
    onGuardError: onProblem,
    clock,
    prepareJid,
  });
  return {
    verifier: {
      verify: (jid, token) => verifier.verify(jid, token),
      verifyBatch: (jids, tokens) => verifier.verifyBatch(jids, tokens),
      verifyLines: (lines) => verifier.verifyLines(lines),
      setHost: (domain, keys) => verifier.setHost(domain, keys),
      removeHost: (domain) => verifier.removeHost(domain),
      get hosts() {
        return verifier.hosts;
      },
      guardState: () => guard.state(),
      guardEvents: () => guard.events(),
      isGuardAnswering: () => guard.isAnswering(),
    },
    startupWait:
      rejectStepsBefore(kind, config.guard) === 'none' ? NO_WAIT : waitOfGuard(guard, rules, clock),
    async close() {
      await guard.close();
      verifier.dispose();
    },
  };
}

async function openShared(choice: GuardChoice, kind: GuardKind): Promise<ReplayGuard> {
  if (kind === 'redis') return openRedis(choice);
  return choice.leader?.openGuard(askMs(choice.config)) ?? openLmdb(choice);
}

/**
 * Opens the guard that the leader holds for all workers. Undefined if each worker asks a Redis
 * server itself.
 *
 * @throws {VerifierError} The guard cannot be opened.
 */
export async function openLeaderGuard(choice: GuardChoice): Promise<MarkStore | undefined> {
  const { config, rules, clock } = choice;
  const { guard } = config;
  const kind = guardKind(config);
  if (kind === 'redis') return undefined;
  if (kind === 'lmdb') return new GuardStore(await openLmdb(choice));
  const options = {
    capacity: guard.capacity ?? DEFAULT_CAPACITY,
    window: checkWindow(rules.window, 'window'),
    rejectStepsBefore: rejectStepsBefore('memory', guard) ?? 'start',
    clock,
  };
  return GuardTable.open(options, rules.period ?? DEFAULT_PERIOD);
}

/**
 * How long the guard itself waits, in milliseconds. The verifier waits a little longer, so that the
 * guard can still report what went wrong.
 */
const askMs = ({ guard }: Config): number => Math.ceil(guard.timeoutMs * 0.75);

async function openLmdb(choice: GuardChoice): Promise<ReplayGuard> {
  const { createLmdbGuard } = await import('../guards/lmdb/index.js');
  return createLmdbGuard(lmdbOptions(choice));
}

async function openRedis(choice: GuardChoice): Promise<ReplayGuard> {
  const { createRedisGuard, createRedisQuorumGuard } = await import('../guards/redis/index.js');
  const options = redisOptions(choice);
  return 'urls' in options ? createRedisQuorumGuard(options) : createRedisGuard(options);
}

/**
 * The folder of an LMDB guard.
 *
 * @throws {VerifierError} The configuration names no folder, and there is no home directory.
 */
export const guardFolder = ({ guard }: Config, folder: string): string =>
  guard.path === undefined ? defaultFolder() : resolve(folder, guard.path);

function lmdbOptions({ config, folder, clock, onProblem }: GuardChoice): LmdbGuardOptions {
  const { guard } = config;
  return {
    path: guardFolder(config, folder),
    capacity: guard.capacity,
    rejectStepsBefore: rejectStepsBefore('lmdb', guard),
    clock,
    onProblem,
  };
}

function redisOptions({
  config,
  folder,
  onProblem,
}: GuardChoice): RedisGuardOptions | RedisQuorumOptions {
  const { guard } = config;
  const {
    url,
    nodes,
    quorum,
    sentinels,
    sentinelName = '',
    username,
    caFile,
    prefix,
    waitReplicas,
  } = guard.redis;
  return {
    ...(quorum === undefined ? {} : { urls: quorum }),
    ...(url === undefined ? {} : { url }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(sentinels === undefined ? {} : { sentinel: { name: sentinelName, nodes: sentinels } }),
    username,
    password: passwordOf(guard.redis, folder),
    tls: caFile === undefined ? undefined : { ca: readCertificates(resolve(folder, caFile)) },
    prefix,
    timeoutMs: askMs(config),
    wait: waitReplicas === undefined ? undefined : { replicas: waitReplicas },
    minReplicas: guard.redis.minReplicas,
    rejectStepsBefore:
      quorum !== undefined && guard.rejectStepsBefore === undefined
        ? 'creation'
        : rejectStepsBefore('redis', guard),
    onProblem,
  };
}

/**
 * The password, or a function that reads its file for each connection. So a changed password needs
 * no restart of the gateway.
 */
function passwordOf(
  { password, passwordFile }: Config['guard']['redis'],
  folder: string,
): RedisGuardOptions['password'] {
  if (password !== undefined || passwordFile === undefined) return password;
  return () => readSecret(passwordFile, PASSWORD_FIELD, { folder, look() {} });
}

function readCertificates(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = Buffer.from(readSmallFile(path));
  } catch (error) {
    throw fileError('guard.redis.caFile', error as UnreadableFile);
  }
  try {
    new X509Certificate(bytes);
  } catch {
    const fix = 'name a file that begins with -----BEGIN CERTIFICATE-----';
    throw fileError('guard.redis.caFile', { fault: 'it holds no certificate in PEM', fix });
  }
  return bytes;
}

/** The configuration's names for the guards' own options. */
const FIELDS: Readonly<Record<string, string>> = {
  path: 'guard.path',
  capacity: 'guard.capacity',
  timeoutMs: 'guard.timeoutMs',
  nodes: 'guard.redis.nodes',
  urls: 'guard.redis.quorum',
  tls: 'guard.redis.caFile',
  url: 'guard.redis.url',
  username: 'guard.redis.username',
  password: PASSWORD_FIELD,
  prefix: 'guard.redis.prefix',
  minReplicas: 'guard.redis.minReplicas',
  'wait.replicas': 'guard.redis.waitReplicas',
  'sentinel.name': 'guard.redis.sentinelName',
  'sentinel.nodes': 'guard.redis.sentinels',
};

/** The packages that the guards need beside this one, and their versions. */
const PACKAGES = {
  lmdb: { name: 'lmdb', major: 3 },
  redis: { name: '@redis/client', major: 6 },
} as const;

/** @throws {VerifierError} `ERR_OPTION`: a guard's package is not installed. */
function checkPackage(kind: 'lmdb' | 'redis'): void {
  const { name, major } = PACKAGES[kind];
  try {
    createRequire(import.meta.url).resolve(name);
  } catch {
    throw optionError(
      'guard.kind',
      `${JSON.stringify(kind)} needs the package ${name}`,
      `npm install ${name}@${major}`,
    );
  }
}

/**
 * Checks the settings of the guard without opening it.
 *
 * @throws {VerifierError} `ERR_OPTION`, with the field of the configuration.
 */
export async function checkGuardSettings(
  config: Config,
  rules: TokenRules,
  folder: string,
): Promise<void> {
  const choice = { config, rules, folder, clock: Date.now, onProblem() {} };
  const kind = guardKind(config);
  if (kind !== 'memory') checkPackage(kind);
  await renamingFields(
    (field) => FIELDS[field] ?? field,
    async () => {
      if (kind === 'lmdb')
        (await import('../guards/lmdb/options.js')).settingsOf(lmdbOptions(choice));
      if (kind === 'redis') {
        const options = redisOptions(choice);
        if ('urls' in options)
          (await import('../guards/redis/quorum.js')).quorumSettingsOf(options);
        else (await import('../guards/redis/options.js')).settingsOf(options);
      }
    },
  );
}

/**
 * The folder for state that outlives the process: systemd's StateDirectory, or the user's state
 * folder.
 */
function defaultFolder(env = process.env): string {
  const home = env.XDG_STATE_HOME || (env.HOME && join(env.HOME, '.local', 'state'));
  const state = env.STATE_DIRECTORY?.split(':')[0] || (home && join(home, 'totp-token'));
  if (!state) throw optionError('guard.path', 'missing, and there is no home', 'name a folder');
  return join(state, 'guard');
}
