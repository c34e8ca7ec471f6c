import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { createGuardedVerifier } from 'totp-token';
import { durableObjectGuard } from 'totp-token/durable-object';

// What all copies of the worker ask, so that a token is accepted once, wherever it is shown.
export { ReplayShard } from 'totp-token/durable-object';

const keys = { otpSeed: env.TOTP_TOKEN_OTP_SEED, tokenSecret: env.TOTP_TOKEN_SECRET };
const verifier = await createGuardedVerifier({
  hosts: { [env.TOTP_TOKEN_HOST]: keys },
  guard: durableObjectGuard(env.REPLAY),
});

const app = new Hono();
app.use(
  '/private/*',
  basicAuth({
    verifyUser: async (jid, token) => (await verifier.verify(jid, token)).ok,
    onAuthSuccess: (c, jid) => c.set('jid', jid),
  }),
);
app.get('/', (c) => c.text('Hello, whoever you are'));
app.get('/private/hello', (c) => c.text(`Hello, ${c.get('jid')}`));

export default app;
