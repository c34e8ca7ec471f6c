import { z } from 'zod';
import { DEFAULT_SESSIONS } from '../../gateway/session/sessions.js';
import { DEFAULT_LIMITS } from '../../gateway/settings.js';
import { isNetwork } from '../observe/client.js';
import { LOG_LEVELS } from '../observe/log.js';
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

const keyFiles = z.strictObject({ otpSeedFile: path, tokenSecretFile: path });

/** Where to listen: `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. */
const address = z
  .string()
  .regex(
    /^(?:unix:.+|\[[\da-f:.]+\]:\d{1,5}|[\w.-]+:\d{1,5})$/i,
    'write HOST:PORT, [IPV6]:PORT or unix:PATH',
  );

const fields = z.strictObject({
  listen: address.default('127.0.0.1:8080'),
  workers: z.int().min(1).max(256).default(1),
  /** A key file, as `totp-token keygen` writes it. */
  keys: path.optional(),
  /** Hosts whose secrets stand in files of their own; while rotating, a list. */
  hosts: z.record(z.string(), z.union([keyFiles, z.array(keyFiles).min(1).max(16)])).optional(),
  token: z
    .strictObject({
      period: z.int().min(1).max(86_400).optional(),
      digits: z.int().min(6).max(10).optional(),
      algorithm: z.enum(['SHA-1', 'SHA-256', 'SHA-512']).optional(),
      nonceDigits: z.int().min(1).max(255).optional(),
      past: z.int().min(0).max(10).optional(),
      future: z.int().min(0).max(10).optional(),
    })
    .prefault({}),
  guard: GuardSchema.prefault({}),
  /** Dovecot's authentication protocol, for Prosody and mail servers. */
  dovecot: z
    .strictObject({
      listen: address.optional(),
      host: z.string().min(1).optional(),
      mode: z
        .string()
        .regex(/^0?[0-7]{3}$/, 'write a file mode such as 0660')
        .default('0660'),
      connections: count(1000),
    })
    .prefault({}),
  auth: z
    .strictObject({
      defaultHost: z.string().min(1).optional(),
      realm: z.string().default('totp-token'),
      reasons: z.boolean().default(false),
    })
    .prefault({}),
  session: z
    .strictObject({
      enabled: z.boolean().default(true),
      seconds: z.int().min(10).max(86_400).default(DEFAULT_SESSIONS.seconds),
      cookie: z
        .string()
        .regex(/^(?:__Host-|__Secure-)[\w.-]+$/, 'write a name that begins with __Host- or __Secure-')
        .default(DEFAULT_SESSIONS.cookie),
      sameSite: z.enum(['Strict', 'Lax', 'None']).default(DEFAULT_SESSIONS.sameSite),
      domain: z
        .string()
        .regex(/^[\w.-]+$/)
        .optional(),
      secretFile: path.optional(),
      /** By its variable only. */
      secret: z.string().optional(),
    })
    .prefault({})
    .refine(({ cookie, domain }) => domain === undefined || !cookie.startsWith('__Host-'), {
      path: ['cookie'],
      message: 'a __Host- cookie has no domain; write __Secure-NAME',
    }),
  issue: z.strictObject({ secretFile: path.optional(), secret: z.string().optional() }).prefault({}),
  proxies: z
    .strictObject({
      trusted: z
        .array(z.string().refine(isNetwork, 'write an address or a network such as 10.0.0.0/8'))
        .default([]),
    })
    .prefault({}),
  limits: z
    .strictObject({
      // Proxies forward heads of up to 32 kB (nginx) or 60 KiB (Envoy) and add fields of their own.
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

/** The configuration file, with its defaults. Every field has a variable too, see `VARIABLE_PREFIX`. */
export const ConfigSchema = fields.superRefine(checkRejects);

export type Config = z.output<typeof ConfigSchema>;
export type LogSettings = Config['log'];
