import type { Keyring } from '../keyfile/shape.js';
import { shownPath } from '../text/safe.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import { UsageError } from './command.js';

const prepared = (host: string): string => prepareJid(`x@${host}`)?.slice(2) ?? host;

/**
 * Finds a host under any spelling, and returns the keyring's spelling. Undefined if it is missing.
 */
export const spellingIn = ({ hosts }: Keyring, host: string): string | undefined =>
  Object.keys(hosts).find((each) => prepared(each) === prepared(host));

/**
 * Returns the host of `--host`, or the only host of the keyring.
 *
 * @throws {UsageError} There are several hosts, or no host has that name.
 */
export function hostIn(keyring: Keyring, host: string | undefined): string {
  const names = Object.keys(keyring.hosts);
  const only = host === undefined && names.length === 1 ? names[0] : undefined;
  const name = only ?? spellingIn(keyring, host ?? '');
  if (name !== undefined) return name;
  throw new UsageError(
    `--host: name one of the hosts of the key file: ${names.map(shownPath).join(', ')}`,
  );
}
