import calculateSlot from 'cluster-key-slot';
import { within } from '../timers.js';
import { type Address, addressOf, nameOf } from './address.js';
import { type Command, connect } from './connection.js';
import type { RedisCredentials, Settings } from './options.js';
import { Server, type Shared } from './server.js';

/** Finds the server of a key. */
export interface Routes {
  /** @throws {Error} No server is known for the key now. */
  serverOf(key: string): Server;
  /** The node that another node has named. */
  serverAt(name: string): Server;
  /** Looks for the servers again. Calls at the same time share one look-up. */
  refresh(): Promise<void>;
  servers(): readonly Server[];
  close(): void;
}

export function routesOf(shared: Shared): Routes {
  const { kind, addresses, sentinel } = shared.settings;
  if (kind === 'cluster') return new ClusterRoutes(shared);
  if (sentinel === undefined) return oneServer(async () => addresses[0] as Address, shared);
  return oneServer(() => masterOf(sentinel.name, sentinel.credentials, shared.settings), shared);
}

function oneServer(locate: () => Promise<Address>, shared: Shared): Routes {
  const server = new Server(locate, shared);
  return {
    serverOf: () => server,
    serverAt: () => server,
    refresh: async () => {},
    servers: () => [server],
    close: () => server.close(),
  };
}

/** Asks the Sentinels for the master. Its own answers show whether it is still the master. */
async function masterOf(
  name: string,
  credentials: RedisCredentials,
  settings: Settings,
): Promise<Address> {
  return askSome(settings.addresses, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name], {
    settings,
    credentials,
    read(reply) {
      if (!Array.isArray(reply)) throw new Error(`the Sentinels know no master ${name}`);
      return { host: String(reply[0]), port: Number(reply[1]) };
    },
  });
}

const SLOTS = 16_384;
/**
 * How long a map of the cluster is reused, in milliseconds, no matter how often it is asked for.
 */
const REFRESH_MS = 200;

class ClusterRoutes implements Routes {
  readonly #shared: Shared;
  readonly #servers = new Map<string, Server>();
  #slots: readonly (Server | undefined)[] = [];
  #refreshing: Promise<void> | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  serverOf(key: string): Server {
    const server = this.#slots[calculateSlot(key)];
    if (server === undefined) throw new Error('no node of the cluster serves this slot');
    return server;
  }

  serverAt(name: string): Server {
    let server = this.#servers.get(name);
    if (server === undefined) {
      server = new Server(async () => addressOf(name), this.#shared);
      this.#servers.set(name, server);
    }
    return server;
  }

  servers(): readonly Server[] {
    return [...this.#servers.values()];
  }

  refresh(): Promise<void> {
    if (this.#refreshing === undefined) {
      this.#refreshing = this.#draw();
      const forget = () => {
        this.#refreshing = undefined;
      };
      this.#refreshing.then(() => setTimeout(forget, REFRESH_MS).unref(), forget);
    }
    return this.#refreshing;
  }

  close(): void {
    for (const server of this.servers()) server.close();
  }

  /** Reads the map of slots again. Closes servers that are no longer masters. */
  async #draw(): Promise<void> {
    const { settings } = this.#shared;
    const known = [...this.#servers.keys()].map(addressOf);
    const { ranges } = await askSome([...known, ...settings.addresses], ['CLUSTER', 'SLOTS'], {
      settings,
      credentials: settings.credentials,
      read: readRanges,
    });
    const slots: (Server | undefined)[] = Array(SLOTS).fill(undefined);
    const masters = new Set<string>();
    for (const { from, to, master } of ranges) {
      masters.add(master);
      slots.fill(this.serverAt(master), from, to + 1);
    }
    this.#slots = slots;
    for (const [name, server] of this.#servers) {
      if (masters.has(name)) continue;
      this.#servers.delete(name);
      server.close();
    }
  }
}

/** Parses the reply to `CLUSTER SLOTS`: first slot, last slot, master, replicas. */
function readRanges(reply: unknown, asked: Address) {
  if (!Array.isArray(reply)) throw new Error('not a cluster');
  const ranges = reply.map(([from, to, [host, port]]) => {
    // A node that does not know its own name has the name by which it was reached.
    const master = nameOf({ host: host || asked.host, port: Number(port) });
    return { from: Number(from), to: Number(to), master };
  });
  if (ranges.length === 0) throw new Error('a cluster without slots');
  return { ranges };
}

/**
 * Sends one command to several servers, a few at a time, and returns the first answer that can be
 * read.
 */
async function askSome<T>(
  addresses: readonly Address[],
  command: Command,
  {
    settings,
    credentials,
    read,
  }: {
    readonly settings: Settings;
    readonly credentials: RedisCredentials;
    readonly read: (reply: unknown, asked: Address) => T;
  },
): Promise<T> {
  const names = [...new Set(addresses.map(nameOf))];
  const askOne = async (address: Address) => {
    const connection = await connect(address, settings, credentials, 0);
    try {
      const what = `${nameOf(address)} did not answer`;
      const [reply] = await within(settings.connectTimeoutMs, connection.oneByOne([command]), what);
      if (reply instanceof Error) throw reply;
      return read(reply, address);
    } finally {
      connection.close();
    }
  };
  let failure: unknown;
  for (let at = 0; at < names.length; at += 3) {
    try {
      return await Promise.any(
        names
          .slice(at, at + 3)
          .map(addressOf)
          .map(askOne),
      );
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
