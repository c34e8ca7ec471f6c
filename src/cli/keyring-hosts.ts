import type { Keyring } from '../keyfile/shape.js';
import { shownPath } from '../text/safe.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import { UsageError } from './command.js';

const prepared = (host: string): string => prepareJid(`x@${host}`)?.slice(2) ?? host;

/** A host as the keyring spells it, whatever spelling is asked for. */
export const spellingIn = ({ hosts }: Keyring, host: string): string | undefined =>
  Object.keys(hosts).find((each) => prepared(each) === prepared(host));

/**
 * The host of `--host`, or the only one.
 *
 * @throws {UsageError} There are several, or none of that name.
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
