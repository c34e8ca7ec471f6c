import type { GuardKind } from './guard-schema.js';
import { guardKind, rejectStepsBefore } from './guard-schema.js';
import type { Config, Loaded } from './schema.js';

/** Shown in place of a secret that is set. */
const SET = '(set)';

/**
 * The configuration that a gateway would run on, with every default and no secret. It has the
 * tables of the file, except that `hosts` holds the number of keys of each host.
 *
 * @param guardPath - The folder of the LMDB guard, if there is one.
 */
export function shownConfig(
  { config, hosts, rules, sessionSecret, issueSecret }: Loaded,
  guardPath: string | undefined,
): Record<string, unknown> {
  const { guard, session, issue, hosts: _, token: __, keys, ...rest } = config;
  const kind = guardKind(config);
  const { window, ...others } = rules;
  return defined({
    ...rest,
    keys,
    token: { ...others, ...window },
    guard: { ...guard, ...choices(kind, config), path: guardPath, redis: shownRedis(guard.redis) },
    session: { ...session, secret: hidden(session.secretFile, sessionSecret) },
    issue: { ...issue, secret: hidden(issue.secretFile, issueSecret) },
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([host, pairs]) => [host, { keys: [pairs].flat().length }]),
    ),
  }) as Record<string, unknown>;
}

function choices(kind: GuardKind, { guard }: Config) {
  return { kind, rejectStepsBefore: rejectStepsBefore(kind, guard) };
}

/**
 * Shown for a secret that came from a variable. For a secret from a file, the field with the file's
 * name is enough.
 */
const hidden = (file: string | undefined, secret: string | undefined): string | undefined =>
  file === undefined && secret !== undefined ? SET : undefined;

function shownRedis(redis: Config['guard']['redis']) {
  const { url, nodes, quorum, sentinels, password } = redis;
  return {
    ...redis,
    password: password === undefined ? undefined : SET,
    url: url === undefined ? undefined : withoutPassword(url),
    nodes: nodes?.map(withoutPassword),
    quorum: quorum?.map(withoutPassword),
    sentinels: sentinels?.map(withoutPassword),
  };
}

/** Replaces everything up to the last @, since a password may contain an @ itself. */
const withoutPassword = (address: string): string =>
  address.includes('@') ? address.replace(/^([a-z+]+:\/\/)?.*@/is, `$1${SET}@`) : address;

/** Removes fields that are undefined, and tables that are empty then. */
function defined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, defined(inner)] as const)
      .filter(([, inner]) => inner !== undefined && !isEmpty(inner)),
  );
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length === 0;
