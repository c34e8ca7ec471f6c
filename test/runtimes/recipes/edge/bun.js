import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { createVerifier } from 'totp-token';

const keys = { otpSeed: Bun.env.TOTP_TOKEN_OTP_SEED, tokenSecret: Bun.env.TOTP_TOKEN_SECRET };
const verifier = await createVerifier({ hosts: { [Bun.env.TOTP_TOKEN_HOST]: keys } });

const app = new Hono();
app.use(
  '/private/*',
  basicAuth({
    verifyUser: (jid, token) => verifier.verify(jid, token).ok,
    onAuthSuccess: (c, jid) => c.set('jid', jid),
  }),
);
app.get('/', (c) => c.text('Hello, whoever you are'));
app.get('/private/hello', (c) => c.text(`Hello, ${c.get('jid')}`));

export default { hostname: '127.0.0.1', port: Bun.env.PORT ?? 3000, fetch: app.fetch };
