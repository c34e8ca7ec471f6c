import cluster from 'node:cluster';
import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Server } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { optionError } from '../errors.js';
import { socketPath } from './config/address.js';

/** Who may connect to a socket in the file system. */
export interface SocketAccess {
  /**
   * Mode of the socket's file, in octal digits such as `0660`. Connecting needs the right to write.
   */
  readonly mode: string;
  /** Group of the file, by name or number. Default: the group of the process. */
  readonly group?: string | undefined;
}

/**
 * Makes a server listen at `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`.
 *
 * @param field - The address's name in the configuration, for messages.
 * @returns `HOST:PORT` or `unix:PATH`. For port 0, the port that the system chose.
 * @throws {VerifierError} `ERR_OPTION`: the server cannot listen at the address, or the socket
 *   cannot be given to the group.
 */
export async function listenAt(
  server: Server,
  address: string,
  field: string,
  access: SocketAccess,
): Promise<string> {
  const path = socketPath(address);
  const mode = Number.parseInt(access.mode, 8);
  if (path !== undefined) {
    const group = groupNumber(access.group, groupField(field));
    if (!cluster.isWorker) await removeDeadSocket(address);
    // The group gets access only after the file belongs to it.
    withUmask(group === undefined ? mode : mode & 0o700, () => server.listen(path));
    await listening(server, address, field);
    try {
      if (group !== undefined) chownSync(path, -1, group);
      chmodSync(path, mode);
    } catch (error) {
      server.close();
      const fault = `${address} cannot be given to the group (${codeOf(error)})`;
      throw optionError(groupField(field), fault, 'name a group that the process is a member of');
    }
    return address;
  }
  const colon = address.lastIndexOf(':');
  server.listen(Number(address.slice(colon + 1)), address.slice(0, colon).replace(/^\[|\]$/g, ''));
  await listening(server, address, field);
  const { address: ip, family, port } = server.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${ip}]` : ip}:${port}`;
}

async function listening(server: Server, address: string, field: string): Promise<void> {
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = codeOf(error);
    const what = code === 'EADDRINUSE' ? 'is taken' : 'cannot be used';
    const fault = `${address} ${what} (${code})`;
    const option = `--${field.replace('.listen', '')} HOST:PORT`;
    const too = field === 'metrics.listen' ? '' : `, by ${option} too`;
    throw optionError(
      field,
      fault,
      `choose another address${too}, or end the process that uses it`,
    );
  }
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? 'unknown reason';

export const groupField = (field: string): string =>
  field === 'listen' ? 'listenGroup' : field.replace('.listen', '.group');

/**
 * Runs `bind` so that its socket has no more rights than `mode` from the start. A thread cannot
 * have its own umask. With several workers, the leader binds the socket.
 */
function withUmask(mode: number, bind: () => void): void {
  const canSet = isMainThread && process.platform !== 'win32';
  const before = canSet ? process.umask(0o777 & ~mode) : undefined;
  try {
    bind();
  } finally {
    if (before !== undefined) process.umask(before);
  }
}

/** The number of a group. Node cannot look up names of groups. */
export function groupNumber(group: string | undefined, field: string): number | undefined {
  if (group === undefined || /^\d+$/.test(group))
    return group === undefined ? undefined : Number(group);
  for (const line of readGroups().split('\n')) {
    const [name, , number] = line.split(':');
    if (name === group && number !== undefined) return Number(number);
  }
  throw optionError(field, 'no such group in /etc/group', 'correct its name, or write its number');
}

function readGroups(): string {
  try {
    return readFileSync('/etc/group', 'utf8');
  } catch {
    return '';
  }
}

/**
 * Removes a socket that a killed process left behind. A socket in use, or a file of another kind,
 * stays.
 *
 * With several workers, the leader removes the socket before it starts them. Otherwise two workers
 * could find the same socket dead, and the second could remove the new socket of the first.
 */
export async function removeDeadSocket(address: string): Promise<void> {
  const path = socketPath(address);
  if (path === undefined) return;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isSocket()) return;
  const probe = connect(path);
  const isDead = await once(probe, 'connect').then(
    () => false,
    // Any other fault, such as a full queue or missing rights, does not show that nobody listens.
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );
  probe.destroy();
  // Another process may have put its own socket there in the meantime.
  if (isDead && lstatSync(path, { throwIfNoEntry: false })?.ino === found.ino)
    rmSync(path, { force: true });
}
