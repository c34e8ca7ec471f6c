import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { guardKind } from './config/guard-schema.js';
import { type Config, type Loaded, listeningOf } from './config/schema.js';
import { guardFolder, openVerifier } from './guard.js';
import { listenAt } from './listen.js';
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
  const servers: Server[] = [];
  try {
    for (const { field, address, access } of listeningOf(config)) {
      const server = createServer((socket) => socket.destroy());
      await listenAt(server, address, field, access);
      servers.push(server);
    }
  } finally {
    // Only now: two of the addresses may be one to the system.
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  }
}
