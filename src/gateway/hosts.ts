import { optionError } from '../errors.js';
import { createVerifier, type HostKeys, type Hosts, type LoadOptions } from '../index.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { GatewayIssuer, GatewayVerifier } from './contract.js';
import { type KeyIds, keyIdsOf } from './session/key-ids.js';

/**
 * The hosts of a running gateway. Gives verifier, issuer and sessions new keys at the same time.
 */
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
   * Replaces all hosts. Checks all of them before any change. The guard keeps its memory.
   *
   * The last of several calls decides, no matter how long the checks of each take. An earlier call
   * must not bring back a host that the last one left out.
   *
   * @throws {VerifierError} `ERR_OPTION`: a host or a key is not usable. Nothing has changed then.
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
    // A temporary verifier finds the same faults as the one in use would.
    const trial = await createVerifier({
      ...this.#load,
      hosts: prepared,
      prepareJid,
      replay: { capacity: 1 },
    });
    trial.dispose();
    const ids = await keyIdsOf(prepared, this.#secret);
    // A verdict's `keyIndex` is an index into the keys at the time of the verdict. Callers that
    // waited for a verdict read the ids in the same task, so the keys change in a separate task.
    if (this.#ids.size > 0) await new Promise((resolve) => setTimeout(resolve));
    // There is no await from here on, so no request sees half of the change.
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
 * Copies hosts under the prepared form of their names. The caller's objects may change during the
 * checks.
 */
function preparedHosts(hosts: Hosts): Record<string, HostKeys | readonly HostKeys[]> {
  const prepared = new Map<string, HostKeys | readonly HostKeys[]>();
  for (const [domain, keys] of Object.entries(hosts)) {
    // The verifier refuses a name that cannot be prepared, with its own message.
    const name = prepareJid(`a@${domain}`)?.slice(2) ?? domain;
    if (prepared.has(name)) {
      const field = `hosts[${JSON.stringify(domain)}]`;
      throw optionError(field, 'the same host is listed twice', 'keep one spelling of it');
    }
    prepared.set(name, Array.isArray(keys) ? keys.map(copyOf) : copyOf(keys as HostKeys));
  }
  return Object.fromEntries(prepared);
}

/** Copies a key. Passes any other value on, for the verifier to refuse. */
const copyOf = (keys: HostKeys): HostKeys =>
  typeof keys === 'object' && keys !== null ? { ...keys } : keys;
