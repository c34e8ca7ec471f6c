// Heap snapshots of a process that holds keys, and then does not. Arguments: what to make, and the folder for the snapshots.
// The keys come on stdin, so that neither this file nor the arguments hold them.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import threads from 'node:worker_threads';
import * as totp from '../../../dist/index.js';
import { createVerifierPool } from '../../../dist/pool/index.js';

const [, , kinds = '', folder = ''] = process.argv;
const JID = 'alice@example.com';
const clock = () => 1_700_000_000_000;

/** @typedef {import('../../../dist/index.js').Hosts} Hosts */
/** @typedef {import('../../../dist/index.js').HostKeys} HostKeys */

/** What the process holds: within reach of everything, as a snapshot shows. @type {{ keys?: HostKeys | undefined, made: Made[] }} */
const held = { made: [] };
Object.assign(globalThis, { held });

/**
 * @typedef {object} Made
 * @property {{ setHost(domain: string, keys: readonly HostKeys[]): void | Promise<void>, dispose(): void }} owner
 * @property {(token: string) => string | Promise<string>} ask
 */

/** @type {Record<string, (hosts: Hosts) => Promise<Made>>} */
const MAKERS = {
  verifier: async (hosts) => {
    const verifier = await totp.createVerifier({ hosts, clock, replay: { capacity: 100 } });
    return { owner: verifier, ask: (token) => verifier.verify(JID, token).code };
  },
  guarded: async (hosts) => {
    /** @type {import('../../../dist/index.js').ReplayGuard} */
    const guard = { remember: async (marks) => marks.map(() => 'fresh') };
    const verifier = await totp.createGuardedVerifier({
      hosts,
      clock,
      guard,
      replay: { capacity: 100 },
    });
    return { owner: verifier, ask: async (token) => (await verifier.verify(JID, token)).code };
  },
  pool: async (hosts) => {
    const pool = await createVerifierPool({ hosts, clock, threads: 2, replay: { capacity: 100 } });
    return { owner: pool, ask: async (token) => (await pool.verifyBatch([JID], [token])).code(0) };
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
  for (const kind of kinds.split(', ')) {
    const made = await MAKERS[kind]?.(hosts);
    const code = await made?.ask(issuer.issue(JID));
    if (made === undefined || code !== 'accepted') throw new Error(`${kind}: ${code}`);
    // Host by host too, as a program does that rotates.
    await made.owner.setHost('example.com', [keys, keys]);
    held.made.push(made);
  }
  issuer.dispose();
  held.keys = keys;
}

/** Channels to the threads of a pool, whose heaps are their own. @type {threads.MessagePort[]} */
const living = [];
const { Worker } = threads;
threads.Worker = class extends Worker {
  constructor() {
    const { port1, port2 } = new threads.MessageChannel();
    super(new URL('heap-thread.mjs', import.meta.url), {
      workerData: { orders: port2 },
      transferList: [port2],
    });
    living.push(port1);
  }
};

/** Writes the heap of this thread and of the others. @param {string} name */
async function snapshot(name) {
  writeHeapSnapshot(join(folder, `${name}.heapsnapshot`));
  for (const [i, orders] of living.entries()) {
    orders.postMessage(join(folder, `${name}.${i}.heapsnapshot`));
    await once(orders, 'message');
  }
}

await make();
await snapshot('held');
held.keys = undefined;
await snapshot('alive');
// The key goes, and what held it stays in use.
for (const { owner } of held.made) await owner.setHost('example.com', [totp.generateKeys()]);
await snapshot('rotated');
// It is still within reach afterwards, as it is in a program that keeps it in a variable.
for (const { owner } of held.made) owner.dispose();
for (const orders of living.splice(0)) orders.close();
await snapshot('disposed');
