import { renamingFields } from '../errors.js';
import { createIssuer, type HostKeys } from '../index.js';
import { prepareJid } from '../xmpp/prepare-jid.js';

/**
 * Returns the host of `--host` in the library's spelling. A host that the library refuses must not
 * end up in a configuration or a key file.
 *
 * @param keys - The host's keys, which are checked too.
 * @throws {VerifierError} `ERR_OPTION`, with the field `--host`.
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
