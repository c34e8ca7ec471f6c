import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { guardKind } from './config/guard-schema.js';
import { type Config, type Loaded, listeningOf } from './config/schema.js';
import { guardFolder, openVerifier } from './guard.js';
import { listenAt } from './listen.js';
import { whyOf } from './observe/log.js';

/**
 * What to open: everything that a gateway opens, or only the stores, while another gateway runs.
 */
export type ProbeScope = 'all' | 'stores';

/**
 * Opens the store of the guard and each address as a gateway would, and closes them again. Creates
 * no LMDB folder. A Redis that is used for the first time gets the key that says since when it
 * remembers.
 *
 * @returns Warnings for the operator.
 * @throws {VerifierError} The store or an address cannot be used.
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
    // All stay open until here, so that two names of one address are found.
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  }
}
