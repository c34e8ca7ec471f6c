import { z } from '@hono/zod-openapi';
import { MAX_JID_BYTES } from '../../limits.js';

// Schemas that validate the input and describe it in /openapi.json. Two bounds are loose. The bound
// of a JID counts UTF-16 units, and a valid JID never has more of these than bytes. A token has far
// fewer than 1024. The verifier judges their content.

const MAX_TOKEN = 1024;

const jid = z
  .string()
  .max(MAX_JID_BYTES)
  .openapi({ example: 'alice@example.com', description: 'Bare JID, localpart@domainpart' });

const token = z.string().max(MAX_TOKEN).openapi({
  example: '9082525064483183500425060897596211894686 RhR/vgHIq2Eup9DGgfCeMdtvTRC7oUjCuzd92cp/90M=',
  description: 'OTP and nonce, a space, the signature in base64',
});

export const VerifyRequest = z.strictObject({ jid, token }).openapi('VerifyRequest');

/**
 * Whether a value of `JSON.parse` fits {@link VerifyRequest}: the same result in a tenth of the
 * time. The schema says why a value does not fit.
 */
export function isVerifyRequest(value: unknown): value is z.output<typeof VerifyRequest> {
  if (typeof value !== 'object' || value === null) return false;
  const { jid, token } = value as Record<string, unknown>;
  return (
    typeof jid === 'string' &&
    jid.length <= MAX_JID_BYTES &&
    typeof token === 'string' &&
    token.length <= MAX_TOKEN &&
    Object.keys(value).length === 2
  );
}

export const SessionRequest = z
  .strictObject({
    jid,
    token,
    transport: z
      .enum(['cookie', 'bearer'])
      .default('cookie')
      .openapi({ description: 'Sets a cookie, or returns the session in the answer' }),
  })
  .openapi('SessionRequest');

export const SessionForm = z
  .object({
    jid,
    token,
    return_to: z.string().optional().openapi({
      description:
        'The page to return to, at an allowed origin. The settings may rename this field',
    }),
  })
  .openapi('SessionForm');

export const IssueRequest = z.strictObject({ jid }).openapi('IssueRequest');

export const Accepted = z
  .object({
    ok: z.literal(true),
    jid: z.string().openapi({ description: 'The account, in its prepared form' }),
    step: z.int().openapi({ description: 'Time step of the OTP, RFC 6238' }),
    drift: z.int().openapi({ description: 'Steps from now. Negative: the past' }),
    keyIndex: z.int().openapi({ description: "Index of the host's key" }),
  })
  .openapi('Accepted');

export const Unauthorized = z
  .object({
    ok: z.literal(false),
    error: z.literal('unauthorized'),
    code: z
      .string()
      .optional()
      .openapi({ description: 'The reason, if the gateway is set to give reasons' }),
  })
  .openapi('Unauthorized');

export const Unavailable = z
  .object({
    ok: z.literal(false),
    error: z.literal('unavailable'),
    code: z
      .string()
      .optional()
      .openapi({ description: 'The reason, if the gateway is set to give reasons' }),
  })
  .openapi('Unavailable');

export const Failure = z
  .object({ error: z.string(), detail: z.string().optional() })
  .openapi('Failure');

const StartupWait = z
  .object({
    from: z.string(),
    until: z
      .string()
      .openapi({ description: 'When the first step begins whose tokens can be accepted' }),
    why: z.string(),
  })
  .openapi('StartupWait', {
    description: 'Tokens are refused as stale for a while after a start: RFC 3339 times',
  });

export const Ready = z
  .object({ ready: z.literal(true), startupWait: StartupWait.optional() })
  .openapi('Ready');

export const NotReady = z
  .object({
    error: z.literal('not-ready'),
    detail: z.string(),
    startupWait: StartupWait.optional(),
  })
  .openapi('NotReady');

export const SessionBegun = z
  .object({
    ok: z.literal(true),
    jid: z.string(),
    expiresIn: z.int().openapi({ description: 'Seconds' }),
    session: z.string().optional().openapi({ description: 'The session, with transport "bearer"' }),
  })
  .openapi('SessionBegun');

export const SessionShown = z
  .object({
    ok: z.literal(true),
    jid: z.string(),
    expires: z.int().openapi({ description: 'Seconds since 1970' }),
  })
  .openapi('SessionShown');

export const Issued = z.object({ jid: z.string(), token: z.string() }).openapi('Issued');

export const BatchLine = z
  .object({
    line: z.int().openapi({ description: 'From 1' }),
    ok: z.boolean(),
    error: z.literal('unavailable').optional().openapi({
      description: 'The guard cannot say now whether the token is unused',
    }),
    code: z
      .string()
      .optional()
      .openapi({ description: 'The reason, if the gateway is set to give reasons' }),
  })
  .openapi('BatchLine');

export const BatchStop = z
  .object({ error: z.enum(['too-large', 'timeout', 'unread', 'fault']) })
  .openapi('BatchStop', {
    description: 'The last line of an answer that ends before its request',
  });
