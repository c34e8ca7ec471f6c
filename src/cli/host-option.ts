import { renamingFields } from '../errors.js';
import { createIssuer, type HostKeys } from '../index.js';
import { prepareJid } from '../xmpp/prepare-jid.js';

/**
 * The host of `--host` as the library spells it. What the library refuses as a host must not end up
 * in a configuration or a key file.
 *
 * @param keys - Its keys, which are checked with it.
 * @throws {VerifierError} `ERR_OPTION`, of the field `--host`.
 */
export async function checkedHost(host: string, keys: HostKeys): Promise<string> {
  const issuer = await renamingFields(
    () => '--host',
    () => createIssuer({ hosts: { [host]: keys }, prepareJid }),
  );
  const name = issuer.hosts[0] ?? host;
  issuer.dispose();
  return name;
}
