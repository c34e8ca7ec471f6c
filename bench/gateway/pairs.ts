import type { Way } from './wrk.js';

/** The servers of a run, by name. */
export const SERVERS = {
  bare: { kind: 'bare' },
  empty: { kind: 'empty' },
  reading: { kind: 'reading' },
  gateway: { kind: 'gateway' },
  socket: { kind: 'gateway', isSocket: true },
  workers: { kind: 'gateway', workers: 2 },
  lmdb: { kind: 'gateway', isLmdb: true },
  lmdbWorkers: { kind: 'gateway', workers: 2, isLmdb: true },
} as const;
export type ServerName = keyof typeof SERVERS;

/** A comparison: two servers get the same requests in turn. */
export interface PairSpec {
  /** The name in tables. */
  readonly what: string;
  readonly server: ServerName;
  readonly other: ServerName;
  readonly otherIs: string;
  readonly way: Way;
  /** The number of sessions, for the way `session`. Default 1000. */
  readonly sessions?: number;
  /** Whether to use our own client, which supports unix sockets. Default: wrk. */
  readonly isOwnClient?: boolean;
}

const EMPTY = 'an empty Hono handler';

/** All pairs. For a new protocol or guard, add an entry here and a server above. */
export const PAIRS = {
  session: {
    what: '`GET /auth` with a session',
    server: 'gateway',
    other: 'empty',
    otherIs: EMPTY,
    way: 'session',
  },
  manySessions: {
    what: '`GET /auth` with 10,000 sessions',
    server: 'gateway',
    other: 'empty',
    otherIs: EMPTY,
    way: 'session',
    sessions: 10_000,
  },
  auth: {
    what: '`GET /auth` with a token',
    server: 'gateway',
    other: 'empty',
    otherIs: EMPTY,
    way: 'auth',
  },
  verify: {
    what: '`POST /v1/verify`',
    server: 'gateway',
    other: 'reading',
    otherIs: 'a handler that reads its JSON',
    way: 'verify',
  },
  hono: {
    what: EMPTY,
    server: 'empty',
    other: 'bare',
    otherIs: 'bare `node:http`',
    way: 'session',
  },
  json: {
    what: 'a handler that reads its JSON',
    server: 'reading',
    other: 'empty',
    otherIs: EMPTY,
    way: 'verify',
  },
  socket: {
    what: 'sessions over a unix socket',
    server: 'socket',
    other: 'gateway',
    otherIs: 'over TCP',
    way: 'session',
    isOwnClient: true,
  },
  workerSessions: {
    what: 'sessions with 2 workers',
    server: 'workers',
    other: 'gateway',
    otherIs: 'with one process',
    way: 'session',
  },
  workerTokens: {
    what: '`GET /auth` with a token, 2 workers and the memory of their leader',
    server: 'workers',
    other: 'gateway',
    otherIs: 'one process and its memory',
    way: 'auth',
  },
  lmdbTokens: {
    what: '`GET /auth` with a token, 2 workers and LMDB',
    server: 'lmdbWorkers',
    other: 'lmdb',
    otherIs: 'one process and LMDB',
    way: 'auth',
  },
} as const satisfies Record<string, PairSpec>;
export type PairName = keyof typeof PAIRS;

/** Medians of the rounds. */
export interface Side {
  /** Answers a second. */
  readonly perSecond: number;
  /** Processor time of all processes of the server for one answer, in microseconds. */
  readonly cpuUs: number;
}

export interface Pair {
  readonly one: Side;
  readonly other: Side;
  /** Answers a second divided by the other's, the median of the rounds. */
  readonly ratio: number;
  /** The other's processor time divided by this one's, likewise. Above 1, this one needs less. */
  readonly cpuRatio: number;
  /** Answers other than 2xx. */
  readonly refused: number;
}
