import { z } from 'zod';

const path = z.string().min(1);
const MINUTE_MS = 60_000;

const redis = z
  .strictObject({
    /** One server, `redis://` or `rediss://`. With a password in it: by its variable only. */
    url: z.string().optional(),
    /** Some nodes of a cluster. */
    nodes: z.array(z.string()).optional(),
    /** The master's name at the Sentinels, and where they are. */
    sentinelName: z.string().optional(),
    sentinels: z.array(z.string()).optional(),
    username: z.string().optional(),
    passwordFile: path.optional(),
    /** By its variable only. */
    password: z.string().optional(),
    /** Certificates of the authority that signed the server's, in PEM. */
    caFile: path.optional(),
    prefix: z.string().optional(),
    waitReplicas: z.int().min(1).max(100).optional(),
    minReplicas: z.int().min(0).max(100).optional(),
  })
  .prefault({});

/** The table `guard`: who remembers what was accepted. */
export const GuardSchema = z
  .strictObject({
    /** Default: `memory` for one process, `lmdb` for several. */
    kind: z.enum(['memory', 'lmdb', 'redis']).optional(),
    /** Accepted tokens of each step, for `memory` and `lmdb`. */
    capacity: z.int().min(1).max(1_000_000_000).optional(),
    /** As the guard's own option says. Default: `start` for `memory`, `restart` for `redis`, `none` for `lmdb`. */
    rejectStepsBefore: z.enum(['start', 'restart', 'creation', 'none']).optional(),
    /** How long a guard outside the process may take. */
    timeoutMs: z.int().min(1).max(MINUTE_MS).default(2000),
    /** The folder of an `lmdb` guard. */
    path: path.optional(),
    redis,
  })
  .superRefine((guard, context) => {
    const { kind, rejectStepsBefore } = guard;
    const known: readonly string[] = REJECTS[kind ?? 'memory'];
    if (kind !== undefined && rejectStepsBefore !== undefined && !known.includes(rejectStepsBefore)) {
      context.addIssue({
        code: 'custom',
        path: ['rejectStepsBefore'],
        message: `with ${kind}, write ${known.join(' or ')}`,
      });
    }
    const places = ['url', 'nodes', 'sentinels'].filter((name) => name in guard.redis);
    if (kind === 'redis' && places.length !== 1) {
      context.addIssue({
        code: 'custom',
        path: ['redis'],
        message: 'write one of url, nodes, and sentinels with sentinelName',
      });
    }
  });

const REJECTS = {
  memory: ['start', 'none'],
  lmdb: ['creation', 'none'],
  redis: ['restart', 'start', 'none'],
} as const;
