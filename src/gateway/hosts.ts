import { optionError } from '../errors.js';
import { createVerifier, type HostKeys, type Hosts, type LoadOptions } from '../index.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { GatewayIssuer, GatewayVerifier } from './contract.js';
import { type KeyIds, keyIdsOf } from './session/key-ids.js';

/** The hosts of a running gateway: verifier, issuer and sessions get new keys at the same time. */
export class GatewayHosts {
  readonly #targets: readonly (GatewayVerifier | GatewayIssuer)[];
  readonly #secret: Uint8Array;
  readonly #load: LoadOptions;
  #ids: KeyIds = new Map();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    targets: readonly (GatewayVerifier | GatewayIssuer)[],
    secret: Uint8Array,
    load: LoadOptions,
  ) {
    this.#targets = targets;
    this.#secret = secret;
    this.#load = load;
  }

  get ids(): KeyIds {
    return this.#ids;
  }

  /**
   * Makes these the hosts. All of them are checked before one is changed, and what the guard
   * remembers stays.
   *
   * Of several calls the last one decides, however long each one's checks take: a host that it left
   * out must not come back by an earlier one.
   *
   * @throws {VerifierError} `ERR_OPTION`: a host or a key is not usable; nothing has changed then.
   */
  async replace(hosts: Hosts): Promise<{ readonly set: number; readonly removed: number }> {
    const prepared = preparedHosts(hosts);
    const turn = this.#last.then(() => this.#change(prepared));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #change(
    prepared: Record<string, HostKeys | readonly HostKeys[]>,
  ): Promise<{ readonly set: number; readonly removed: number }> {
    // A verifier that is thrown away finds the same faults as the one in use would.
    const trial = await createVerifier({
      ...this.#load,
      hosts: prepared,
      prepareJid,
      replay: { capacity: 1 },
    });
    trial.dispose();
    const ids = await keyIdsOf(prepared, this.#secret);
    // A verdict's `keyIndex` counts in the keys of the moment in which it is given. Whoever waited
    // for one reads the ids in the same task, so the keys change in a task of their own.
    if (this.#ids.size > 0) await new Promise((resolve) => setTimeout(resolve));
    // No await from here on: no request sees half of the change.
    const gone = [...this.#ids.keys()].filter((domain) => !ids.has(domain));
    const changed = [...ids].filter(([domain, list]) => `${this.#ids.get(domain)}` !== `${list}`);
    for (const target of this.#targets) {
      for (const domain of gone) target.removeHost(domain);
      for (const [domain] of changed) target.setHost(domain, prepared[domain]!);
    }
    this.#ids = ids;
    return { set: changed.length, removed: gone.length };
  }
}

/**
 * Hosts under the prepared form of their names. Copies: the caller's objects may change during the
 * checks.
 */
function preparedHosts(hosts: Hosts): Record<string, HostKeys | readonly HostKeys[]> {
  const prepared = new Map<string, HostKeys | readonly HostKeys[]>();
  for (const [domain, keys] of Object.entries(hosts)) {
    // The verifier refuses a name that cannot be prepared, with its own message.
    const name = prepareJid(`a@${domain}`)?.slice(2) ?? domain;
    if (prepared.has(name)) {
      const field = `hosts[${JSON.stringify(domain)}]`;
      throw optionError(field, 'the same host stands twice', 'keep one spelling of it');
    }
    prepared.set(name, Array.isArray(keys) ? keys.map(copyOf) : copyOf(keys as HostKeys));
  }
  return Object.fromEntries(prepared);
}

/** A copy of a key. Anything else stays as it is, for the verifier to refuse. */
const copyOf = (keys: HostKeys): HostKeys =>
  typeof keys === 'object' && keys !== null ? { ...keys } : keys;
