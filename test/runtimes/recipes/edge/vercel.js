import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { handle } from 'hono/vercel';
import { createVerifier } from 'totp-token';

export const config = { runtime: 'edge' };

const keys = {
  otpSeed: process.env.TOTP_TOKEN_OTP_SEED,
  tokenSecret: process.env.TOTP_TOKEN_SECRET,
};
// Not awaited here: Vercel builds edge functions in a form without top-level await.
const verifier = createVerifier({ hosts: { [process.env.TOTP_TOKEN_HOST]: keys } });

const app = new Hono();
app.use(
  '/api/private/*',
  basicAuth({
    verifyUser: async (jid, token) => (await verifier).verify(jid, token).ok,
    onAuthSuccess: (c, jid) => c.set('jid', jid),
  }),
);
app.get('/api', (c) => c.text('Hello, whoever you are'));
app.get('/api/private/hello', (c) => c.text(`Hello, ${c.get('jid')}`));

export default handle(app);
