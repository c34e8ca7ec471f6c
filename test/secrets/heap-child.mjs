// Heap snapshots of a process that holds keys, and then does not. Arguments: what to make, the folder for the snapshots.
// The keys come on stdin, so that neither this file nor the arguments hold them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import * as totp from '../../dist/index.js';

const [, , kind = '', folder = ''] = process.argv;
const JID = 'alice@example.com';
const clock = () => 1_700_000_000_000;

/** @typedef {import('../../dist/index.js').Hosts} Hosts */
/** @typedef {import('../../dist/index.js').HostKeys} HostKeys */

/** What the process holds: within reach of everything, as a snapshot shows. @type {{ keys?: HostKeys | undefined, made?: Made }} */
const held = {};
Object.assign(globalThis, { held });

/**
 * @typedef {object} Made
 * @property {{ setHost(domain: string, keys: readonly HostKeys[]): void, dispose(): void }} owner
 * @property {(token: string) => string | Promise<string>} ask
 */

/** @type {Record<string, (hosts: Hosts) => Promise<Made>>} */
const MAKERS = {
  verifier: async (hosts) => {
    const verifier = await totp.createVerifier({ hosts, clock, replay: { capacity: 100 } });
    return { owner: verifier, ask: (token) => verifier.verify(JID, token).code };
  },
  guarded: async (hosts) => {
    /** @type {import('../../dist/index.js').ReplayGuard} */
    const guard = { remember: async (marks) => marks.map(() => 'fresh') };
    const verifier = await totp.createGuardedVerifier({ hosts, clock, guard, replay: { capacity: 100 } });
    return { owner: verifier, ask: async (token) => (await verifier.verify(JID, token)).code };
  },
  issuer: async (hosts) => {
    const issuer = await totp.createIssuer({ hosts, clock });
    return {
      owner: issuer,
      ask: (token) => (issuer.issue(JID).length === token.length ? 'accepted' : 'wrong'),
    };
  },
};

/** Everything that knows the keys, in a scope that ends. */
async function make() {
  /** @type {HostKeys} */
  const keys = JSON.parse(readFileSync(0, 'utf8'));
  const hosts = { 'example.com': keys };
  const issuer = await totp.createIssuer({ hosts, clock });
  const made = await MAKERS[kind]?.(hosts);
  const code = await made?.ask(issuer.issue(JID));
  if (made === undefined || code !== 'accepted') throw new Error(`${kind}: ${code}`);
  // Host by host too, as a program does that rotates.
  made.owner.setHost('example.com', [keys, keys]);
  issuer.dispose();
  held.keys = keys;
  held.made = made;
}

await make();
writeHeapSnapshot(join(folder, 'held.heapsnapshot'));
held.keys = undefined;
writeHeapSnapshot(join(folder, 'alive.heapsnapshot'));
// It is still within reach afterwards, as it is in a program that keeps it in a variable.
held.made?.owner.dispose();
writeHeapSnapshot(join(folder, 'disposed.heapsnapshot'));
