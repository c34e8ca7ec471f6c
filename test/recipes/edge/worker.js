import { DurableObject, env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { createGuardedVerifier } from 'totp-token';

/** What all copies of the worker ask, so that a token is accepted once, wherever it is shown. */
export class UsedTokens extends DurableObject {
  constructor(state, bindings) {
    super(state, bindings);
    state.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS used (step INTEGER, id TEXT, PRIMARY KEY (step, id)) WITHOUT ROWID',
    );
  }

  remember(marks) {
    const { sql } = this.ctx.storage;
    const oldestStep = Math.floor(Date.now() / 30_000) - 5; // no window reaches as far back
    sql.exec('DELETE FROM used WHERE step < ?', oldestStep);
    return marks.map(({ step, id }) => {
      if (step < oldestStep) return 'stale';
      const { rowsWritten } = sql.exec('INSERT OR IGNORE INTO used VALUES (?, ?)', step, id);
      return rowsWritten > 0 ? 'fresh' : 'replayed';
    });
  }
}

const keys = { otpSeed: env.TOTP_TOKEN_OTP_SEED, tokenSecret: env.TOTP_TOKEN_SECRET };
const verifier = await createGuardedVerifier({
  hosts: { [env.TOTP_TOKEN_HOST]: keys },
  guard: { remember: (marks) => env.USED_TOKENS.getByName('all').remember(marks) },
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
