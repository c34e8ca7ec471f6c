import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { optionError } from '../../errors.js';
import { shownPath } from '../../text/safe.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import { groupField, groupNumber } from '../listen.js';
import { socketPath } from './address.js';
import { guardKind } from './guard-schema.js';
import { type Config, listeningOf } from './schema.js';

/**
 * Checks the hosts and folders that a configuration names: the hosts need keys, and the folders
 * must be writable.
 *
 * @param hosts - Hosts that have keys.
 * @param folder - Where relative paths of the configuration start.
 * @throws {VerifierError} `ERR_OPTION`, with the first field whose host or folder cannot be used.
 */
export function checkReferences(config: Config, hosts: readonly string[], folder: string): void {
  const { auth, dovecot, guard } = config;
  const known = new Set(hosts.map(prepared));
  const named = { 'auth.defaultHost': auth.defaultHost, 'dovecot.host': dovecot.host };
  for (const [field, host] of Object.entries(named)) {
    if (host === undefined || known.has(prepared(host))) continue;
    throw optionError(
      field,
      'a host without keys',
      'name a host that has keys, or add keys for it',
    );
  }
  for (const { field, address, access } of listeningOf(config)) {
    const path = socketPath(address);
    if (path === undefined) continue;
    checkFolder(field, dirname(resolve(path)));
    groupNumber(access.group, groupField(field));
    // A dead socket is removed at the start. A socket in use is also found at the start.
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isSocket()) {
      throw optionError(
        field,
        'a file at this path is not a socket',
        'name another path, or remove the file',
      );
    }
  }
  if (guardKind(config) === 'lmdb' && guard.path !== undefined) {
    checkFolder('guard.path', nearest(resolve(folder, guard.path)));
  }
}

const prepared = (host: string): string => prepareJid(`x@${host}`)?.slice(2) ?? host;

function checkFolder(field: string, path: string): void {
  try {
    if (!statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    const faults: Record<string, string> = {
      ENOENT: 'is missing',
      ENOTDIR: 'is a file',
      EACCES: 'may not be written to',
      EROFS: 'is on a read-only file system',
    };
    const fault = `its folder ${shownPath(path)} ${faults[code] ?? `cannot be used (${code})`}`;
    throw optionError(
      field,
      fault,
      'make the folder, give it to the user of the gateway, or name another',
    );
  }
}

/** The path, or its nearest parent folder that exists. The guard makes the folders in between. */
function nearest(path: string): string {
  const parent = dirname(path);
  return parent === path || existsSync(path) ? path : nearest(parent);
}
