import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { guardKind } from './config/guard-schema.js';
import { addressesOf, type Config, type Loaded } from './config/schema.js';
import { guardFolder, openVerifier } from './guard.js';
import { listenAt, type SocketAccess } from './listen.js';
import { whyOf } from './observe/log.js';

/** What is opened: all that a gateway would, or the stores alone while one runs. */
export type ProbeScope = 'all' | 'stores';

/**
 * Opens what a gateway would open on this configuration, and closes it again: the store of the
 * guard, and each address. Nothing is made: an LMDB folder that is not there yet stays away, and a
 * Redis that is used for the first time gets the key that says since when it remembers.
 *
 * @returns What the operator should hear.
 * @throws {VerifierError} One of them cannot be used.
 */
export async function probe(
  loaded: Loaded,
  scope: ProbeScope,
  clock: () => number,
): Promise<readonly string[]> {
  const warnings = await probeGuard(loaded, clock);
  if (scope === 'all') await probeAddresses(loaded.config);
  return warnings;
}

async function probeGuard(
  { config, rules, folder = '.' }: Loaded,
  clock: () => number,
): Promise<string[]> {
  const kind = guardKind(config);
  if (kind === 'memory') return [];
  if (kind === 'lmdb' && !existsSync(guardFolder(config, folder))) {
    return ['guard.path: the folder is not there yet; the gateway makes it at its start'];
  }
  const warnings: string[] = [];
  const { close } = await openVerifier({
    config,
    rules,
    folder,
    clock,
    onProblem: (problem) => warnings.push(whyOf(problem)),
  });
  await close();
  return warnings;
}

async function probeAddresses(config: Config): Promise<void> {
  const access: Record<string, SocketAccess> = {
    listen: { mode: config.listenMode, group: config.listenGroup },
    'dovecot.listen': config.dovecot,
    'spoe.listen': config.spoe,
    'metrics.listen': config.metrics,
  };
  for (const [field, address] of Object.entries(addressesOf(config))) {
    const server = createServer((socket) => socket.destroy());
    await listenAt(server, address, field, access[field]!);
    await new Promise((closed) => server.close(closed));
  }
}
