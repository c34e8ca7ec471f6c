import { z } from 'zod';
import type { TokenRules } from '../../gateway/contract.js';
import { DEFAULT_SESSIONS, LONGEST_SECONDS } from '../../gateway/session/sessions.js';
import { DEFAULT_LIMITS, DEFAULT_SETTINGS } from '../../gateway/settings.js';
import type { Hosts } from '../../index.js';
import {
  MAX_DIGITS,
  MAX_KEYS,
  MAX_NONCE_DIGITS,
  MAX_PERIOD,
  MAX_WINDOW,
  MIN_DIGITS,
} from '../../limits.js';
import { algorithmNamed } from '../../mac/hmac.js';
import { looksLikeMilliseconds, SECONDS_FIX } from '../../otp/options.js';
import type { SocketAccess } from '../listen.js';
import { isProxy, PROXY_HEADERS } from '../observe/client.js';
import { LOG_LEVELS } from '../observe/log.js';
import { addressSchema, isSameAddress } from './address.js';
import { checkRejects, GuardSchema } from './guard-schema.js';

const HOUR_MS = 3_600_000;
const ms = (value: number, least = 100) =>
  z
    .int()
    .min(least)
    .max(24 * HOUR_MS)
    .default(value);
const bytes = (value: number, least = 1024) =>
  z
    .int()
    .min(least)
    .max(2 ** 46)
    .default(value);
const count = (value: number, most = 1_000_000) => z.int().min(1).max(most).default(value);
const path = z.string().min(1);

/**
 * Labels of a DNS name. Browsers ignore a leading dot (RFC 6265 §5.2.3), and reject a cookie with
 * any other domain.
 */
const COOKIE_DOMAIN = /^\.?[a-z\d_](?:[\w-]{0,61}[a-z\d])?(?:\.[a-z\d_](?:[\w-]{0,61}[a-z\d])?)*$/i;

const keyFiles = z.strictObject({ otpSeedFile: path, tokenSecretFile: path });

/** Mode of a socket's file. */
const mode = z
  .string()
  .regex(/^0?[0-7]{3}$/, 'write a file mode such as 0660')
  .default('0660');
/** Group of a socket's file, by name or number. */
const group = z
  .string()
  .regex(/^(?:[a-z_][\w.-]{0,63}\$?|\d{1,9})$/i, 'write the name or the number of a group')
  .optional();

const fields = z.strictObject({
  listen: addressSchema.default('127.0.0.1:8080'),
  /** Who may connect if `listen` is `unix:PATH`. */
  listenMode: mode,
  listenGroup: group,
  /** Whether each connection to `listen` begins with a PROXY protocol header. */
  listenProxyProtocol: z.boolean().default(false),
  workers: z.int().min(1).max(256).default(1),
  /** A key file, as `totp-token keygen` writes it. */
  keys: path.optional(),
  /** Hosts whose secrets are in files of their own. A list while keys are being rotated. */
  hosts: z
    .record(z.string(), z.union([keyFiles, z.array(keyFiles).min(1).max(MAX_KEYS)]))
    .optional(),
  token: z
    .strictObject({
      period: z
        .int()
        .min(1)
        .refine((period) => !looksLikeMilliseconds(period), SECONDS_FIX)
        .max(MAX_PERIOD)
        .optional(),
      digits: z.int().min(MIN_DIGITS).max(MAX_DIGITS).optional(),
      algorithm: z
        .preprocess(
          (name) => algorithmNamed(name) ?? name,
          z.enum(['SHA-1', 'SHA-256', 'SHA-512']).optional(),
        )
        .optional(),
      nonceDigits: z.int().min(1).max(MAX_NONCE_DIGITS).optional(),
      past: z.int().min(0).max(MAX_WINDOW).optional(),
      future: z.int().min(0).max(MAX_WINDOW).optional(),
    })
    .prefault({}),
  guard: GuardSchema.prefault({}),
  /** Dovecot's authentication protocol, for Prosody and mail servers. */
  dovecot: z
    .strictObject({
      listen: addressSchema.optional(),
      host: z.string().min(1).optional(),
      /** Whether each connection begins with a PROXY protocol header. */
      proxyProtocol: z.boolean().default(false),
      mode,
      group,
      connections: count(1000),
    })
    .prefault({}),
  /** HAProxy's Stream Processing Offload Protocol. */
  spoe: z
    .strictObject({ listen: addressSchema.optional(), mode, group, connections: count(1000) })
    .prefault({}),
  /** HTTP for operators: `/metrics`, `/healthz`, `/readyz` and `/sessions`, apart from `listen`. */
  metrics: z.strictObject({ listen: addressSchema.optional(), mode, group }).prefault({}),
  auth: z
    .strictObject({
      defaultHost: z.string().min(1).optional(),
      realm: z.string().default('totp-token'),
      reasons: z.boolean().default(false),
      /** Login with a browser. `LoginSettings` explains and checks these fields. */
      loginUrl: z.string().min(1).optional(),
      loginParameter: z.string().default(DEFAULT_SETTINGS.loginParameter),
      allowedOrigins: z.array(z.string()).default([]),
      preflight: z.boolean().default(false),
    })
    .prefault({}),
  session: z
    .strictObject({
      enabled: z.boolean().default(true),
      seconds: z.int().min(10).max(86_400).default(DEFAULT_SESSIONS.seconds),
      /** How long after the login a session is renewed while it is used. At most 30 days. */
      maxSeconds: z.int().min(10).max(LONGEST_SECONDS).optional(),
      cookie: z
        .string()
        .regex(
          /^(?:__Host-|__Secure-)[\w.-]+$/,
          'write a name that begins with __Host- or __Secure-',
        )
        .default(DEFAULT_SESSIONS.cookie),
      sameSite: z.enum(['Strict', 'Lax', 'None']).default(DEFAULT_SESSIONS.sameSite),
      domain: z
        .string()
        .max(253)
        .regex(COOKIE_DOMAIN, 'write a domain such as example.com')
        .optional(),
      secretFile: path.optional(),
      /** Only its variable may set it, not the file. */
      secret: z.string().optional(),
    })
    .prefault({})
    .refine(({ cookie, domain }) => domain === undefined || !cookie.startsWith('__Host-'), {
      path: ['cookie'],
      message: 'a __Host- cookie has no domain; write __Secure-NAME',
    })
    .refine(({ seconds, maxSeconds = seconds }) => maxSeconds >= seconds, {
      path: ['maxSeconds'],
      message: 'write as many seconds as session.seconds has, or more',
    }),
  issue: z
    .strictObject({ secretFile: path.optional(), secret: z.string().optional() })
    .prefault({}),
  proxies: z
    .strictObject({
      trusted: z
        .array(
          z.string().refine(isProxy, 'write an address, a network such as 10.0.0.0/8, or unix'),
        )
        .default([]),
      /** The header in which the proxies name the client. */
      header: z.enum(PROXY_HEADERS).default('x-forwarded-for'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      // Proxies forward request heads of up to 32 kB (nginx) or 60 KiB (Envoy), and add fields.
      headerBytes: bytes(64 * 1024),
      headersMs: ms(10_000),
      bodyBytes: bytes(DEFAULT_LIMITS.bodyBytes),
      bodyMs: ms(DEFAULT_LIMITS.bodyMs),
      idleMs: ms(60_000),
      keepAliveMs: ms(65_000),
      connections: count(10_000),
      batchBytes: bytes(DEFAULT_LIMITS.batchBytes),
      batchMs: ms(DEFAULT_LIMITS.batchMs),
      batchIdleMs: ms(DEFAULT_LIMITS.batchIdleMs),
      batchIdleBytes: bytes(DEFAULT_LIMITS.batchIdleBytes, 1),
      batches: count(DEFAULT_LIMITS.batches, 10_000),
      drainMs: ms(10_000, 0),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).default('info'),
      accepted: z.boolean().default(false),
      rejected: z.boolean().default(true),
      linesPerSecond: count(200),
    })
    .prefault({}),
});

/**
 * The configuration file, with its defaults. Every field also has a variable, see
 * `VARIABLE_PREFIX`.
 */
export const ConfigSchema = fields
  .superRefine(checkRejects)
  .superRefine(checkProxyProtocol)
  .superRefine((config, context) => {
    const all = listeningOf(config);
    for (const [i, { field, address }] of all.entries()) {
      const other = all.slice(0, i).find((before) => isSameAddress(before.address, address));
      if (other === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: field.split('.'),
        message: `write another address than that of ${other.field}: one address serves one protocol`,
      });
    }
  });

/**
 * Requires a trusted proxy where the PROXY protocol is on. Every connection must begin with the
 * header then, and only trusted proxies may send it.
 */
function checkProxyProtocol(
  { listenProxyProtocol, dovecot, proxies }: z.output<typeof fields>,
  context: z.RefinementCtx,
): void {
  if (proxies.trusted.length > 0 || !(listenProxyProtocol || dovecot.proxyProtocol)) return;
  context.addIssue({
    code: 'custom',
    path: ['proxies', 'trusted'],
    message: 'name the proxies that may send a header of the PROXY protocol',
  });
}

/** An address at which a configuration has the gateway listen. */
export interface Listening {
  /** The address's field in the configuration. */
  readonly field: string;
  readonly address: string;
  /** Who may connect, if the address is a unix socket. */
  readonly access: SocketAccess;
}

/** All addresses at which a configuration has the gateway listen. */
export function listeningOf(config: z.output<typeof fields>): readonly Listening[] {
  const { listen, listenMode, listenGroup, dovecot, spoe, metrics } = config;
  const tables = {
    listen: { listen, mode: listenMode, group: listenGroup },
    'dovecot.listen': dovecot,
    'spoe.listen': spoe,
    'metrics.listen': metrics,
  };
  return Object.entries(tables).flatMap(([field, { listen: address, mode, group }]) =>
    address === undefined ? [] : [{ field, address, access: { mode, group } }],
  );
}

export type Config = z.output<typeof ConfigSchema>;
export type LogSettings = Config['log'];

/** A configuration with the keys and secrets that it names. */
export interface Loaded {
  readonly config: Config;
  readonly hosts: Hosts;
  readonly rules: TokenRules;
  readonly sessionSecret: string | undefined;
  readonly issueSecret: string | undefined;
  /** Where relative paths in the configuration start. Default: the working directory. */
  readonly folder?: string | undefined;
}
