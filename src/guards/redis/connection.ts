import { isIP } from 'node:net';
import { VerifierError } from '../../errors.js';
import { within } from '../timers.js';
import { type Address, nameOf } from './address.js';
import type { RedisCredentials, Settings } from './options.js';

export type Command = readonly string[];

/** A connection to one server. It does not reconnect: when it breaks, a new one is opened. */
export interface Connection {
  readonly isOpen: boolean;
  /**
   * Sends commands in one piece. The server carries them out in this order.
   *
   * @returns The replies, or `undefined` if the server refused a command, because the client
   *   returns no replies then.
   */
  pipeline(commands: readonly Command[]): Promise<readonly unknown[] | undefined>;
  /** Like `pipeline`, but slower. A refused command has an `Error` in place of its reply. */
  oneByOne(commands: readonly Command[]): Promise<readonly unknown[]>;
  /** Breaks off the connection. Commands under way reject. */
  close(): void;
}

/** Opens a connection and logs in, within the settings' `connectTimeoutMs`. */
export async function connect(
  address: Address,
  settings: Settings,
  credentials: RedisCredentials = settings.credentials,
  database = settings.database,
): Promise<Connection> {
  const { clientOf, ErrorReply } = await library();
  const { username, password } = credentials;
  const { host, port, socket } = address;
  const client = clientOf({
    ...PROTOCOL,
    socket: {
      ...(settings.tls === undefined
        ? {}
        : { ...serverName(host), ...settings.tls, tls: true as const }),
      ...(socket === undefined ? { host, port } : { path: socket }),
      connectTimeout: settings.connectTimeoutMs,
      // The guard opens a new connection itself, because it must inspect the server first.
      reconnectStrategy: false,
    },
    ...(password === undefined
      ? {}
      : {
          credentialsProvider: {
            type: 'async-credentials-provider' as const,
            credentials: async () => ({
              ...(username === undefined ? {} : { username }),
              password: typeof password === 'function' ? await password() : password,
            }),
          },
        }),
    database,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
  // Calls that wait for a reply get the error. Without a listener the process would end.
  client.on('error', () => {});
  const isServersError = (error: unknown): error is Error => error instanceof ErrorReply;
  try {
    await within(
      settings.connectTimeoutMs,
      client.connect(),
      `${nameOf(address)} did not let us in`,
    );
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    get isOpen() {
      return client.isReady;
    },
    async pipeline(commands) {
      const multi = client.multi();
      for (const command of commands) multi.addCommand(command as string[]);
      try {
        return await multi.execAsPipeline();
      } catch (error) {
        if (isServersError(error)) return undefined;
        throw error;
      }
    },
    oneByOne: (commands) =>
      Promise.all(
        commands.map((command) =>
          client.sendCommand(command).catch((error: unknown) => {
            if (isServersError(error)) return error;
            throw error;
          }),
        ),
      ),
    close: () => client.destroy(),
  };
}

/** The TLS handshake takes names, not addresses: RFC 6066 §3. */
const serverName = (host: string) => (isIP(host) === 0 ? { servername: host } : {});

/**
 * Loads the client library. All clients share one class. `createClient` would make a class for each
 * address, which takes milliseconds and keeps the options with the password.
 */
async function library() {
  try {
    const { ErrorReply, RedisClient } = await import('@redis/client');
    clients ??= makerOf(RedisClient);
    return { clientOf: clients, ErrorReply };
  } catch (cause) {
    throw new VerifierError(
      'ERR_ENGINE_UNAVAILABLE',
      '@redis/client cannot be loaded; run npm install @redis/client@6',
      { cause },
    );
  }
}

/** The older protocol, which has the same replies in every version and from proxies. */
const PROTOCOL = { RESP: 2 } as const;

const makerOf = (client: typeof import('@redis/client')['RedisClient']) => client.factory(PROTOCOL);

let clients: ReturnType<typeof makerOf> | undefined;
