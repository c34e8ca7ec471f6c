import { z } from 'zod';

const path = z.string().min(1);
const MINUTE_MS = 60_000;

const redis = z
  .strictObject({
    /**
     * One server: `redis://`, `rediss://` or `unix:/path`. A URL with a password must be in its
     * variable.
     */
    url: z.string().optional(),
    /** Some nodes of a cluster. */
    nodes: z.array(z.string()).optional(),
    /** An odd number of servers, each written like `url`. A majority decides. */
    quorum: z.array(z.string()).optional(),
    /** The master's name at the Sentinels, and the addresses of the Sentinels. */
    sentinelName: z.string().optional(),
    sentinels: z.array(z.string()).optional(),
    username: z.string().optional(),
    passwordFile: path.optional(),
    /** Only its variable may set it, not the file. */
    password: z.string().optional(),
    /** PEM file with the certificates of the authority that signed the server's certificate. */
    caFile: path.optional(),
    prefix: z.string().optional(),
    waitReplicas: z.int().min(1).max(100).optional(),
    minReplicas: z.int().min(0).max(100).optional(),
  })
  .prefault({});

/** The table `guard`: where accepted tokens are remembered. */
export const GuardSchema = z
  .strictObject({
    /** Default: `memory`. With several workers, their leader holds it for all of them. */
    kind: z.enum(['memory', 'lmdb', 'redis']).optional(),
    /** How many accepted tokens fit into each step, for `memory` and `lmdb`. */
    capacity: z.int().min(1).max(1_000_000_000).optional(),
    /**
     * Like the guard's own option. Default: `start` for `memory` and `redis`, `creation` for `lmdb`
     * and for a quorum of `redis`.
     */
    rejectStepsBefore: z.enum(['start', 'restart', 'opening', 'creation', 'none']).optional(),
    /** How long a guard outside the process may take to answer, in milliseconds. */
    timeoutMs: z.int().min(1).max(MINUTE_MS).default(2000),
    /** The folder of an `lmdb` guard. */
    path: path.optional(),
    redis,
  })
  .superRefine((guard, context) => {
    const places = ['url', 'nodes', 'quorum', 'sentinels'].filter((name) => name in guard.redis);
    if (guard.kind === 'redis' && places.length !== 1) {
      context.addIssue({
        code: 'custom',
        path: ['redis'],
        message: 'write one of url, nodes, quorum, and sentinels with sentinelName',
      });
    }
  });

type Guard = z.output<typeof GuardSchema>;
export type GuardKind = NonNullable<Guard['kind']>;

/** The guard that a configuration asks for. */
export const guardKind = ({ guard }: { readonly guard: Guard }): GuardKind =>
  guard.kind ?? 'memory';

/**
 * For each guard, the choices for the tokens that it refuses because another guard may have
 * accepted them. The default comes first, and accepts no token twice.
 */
const REJECTS = {
  memory: ['start', 'none'],
  lmdb: ['creation', 'none'],
  redis: ['start', 'restart', 'creation', 'opening', 'none'],
} as const satisfies Record<GuardKind, readonly Guard['rejectStepsBefore'][]>;

/**
 * The guard's `rejectStepsBefore`, or its default. Undefined if the guard does not know the value.
 */
export function rejectStepsBefore<K extends GuardKind>(
  kind: K,
  { rejectStepsBefore: chosen }: Guard,
): (typeof REJECTS)[K][number] | undefined {
  const known: readonly (typeof REJECTS)[K][number][] = REJECTS[kind];
  return chosen === undefined ? known[0] : known.find((each) => each === chosen);
}

/** Reports a `rejectStepsBefore` that the configured guard does not know. */
export function checkRejects(config: { readonly guard: Guard }, context: z.RefinementCtx): void {
  const kind = guardKind(config);
  if (rejectStepsBefore(kind, config.guard) !== undefined) return;
  const byDefault = config.guard.kind === undefined ? ', the default' : '';
  context.addIssue({
    code: 'custom',
    path: ['guard', 'rejectStepsBefore'],
    message: `with ${kind}${byDefault}, write ${REJECTS[kind].join(' or ')}`,
  });
}
