import cluster from 'node:cluster';
import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Server } from 'node:net';
import { optionError } from '../errors.js';

const UNIX = 'unix:';

/**
 * Has a server listen at `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`.
 *
 * @param field - The address's name in the configuration, for messages.
 * @param mode - Of the socket's file. Default: as the process's umask has it.
 * @returns `HOST:PORT`, with the port that was got for 0, or `unix:PATH`.
 * @throws {VerifierError} `ERR_OPTION`: it cannot be listened on.
 */
export async function listenAt(
  server: Server,
  address: string,
  field: string,
  mode?: number,
): Promise<string> {
  const path = socketPath(address);
  if (path !== undefined) {
    if (!cluster.isWorker) await removeDeadSocket(address);
    server.listen(path);
  } else {
    const colon = address.lastIndexOf(':');
    server.listen(Number(address.slice(colon + 1)), address.slice(0, colon).replace(/^\[|\]$/g, ''));
  }
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'EADDRINUSE' ? 'is taken' : 'cannot be listened on';
    const fault = `${address} ${what} (${code})`;
    const option = field === 'listen' ? '--listen HOST:PORT' : '--dovecot HOST:PORT';
    throw optionError(field, fault, `choose another address, by ${option} too, or end what has it`);
  }
  if (path !== undefined) {
    if (mode !== undefined) chmodSync(path, mode);
    return address;
  }
  const { address: ip, family, port } = server.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${ip}]` : ip}:${port}`;
}

const socketPath = (address: string): string | undefined =>
  address.startsWith(UNIX) ? address.slice(UNIX.length) : undefined;

/**
 * Removes a socket that a killed process left behind. One that is in use, and what is no socket, stays where it is.
 *
 * Of several processes the leader does it, before it starts the others: two could both find a socket dead, and the second
 * remove the one on which the first listens by then.
 */
export async function removeDeadSocket(address: string): Promise<void> {
  const path = socketPath(address);
  if (path === undefined || !lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const probe = connect(path);
  const isAlive = await once(probe, 'connect').then(
    () => true,
    () => false,
  );
  probe.destroy();
  if (!isAlive) rmSync(path, { force: true });
}
