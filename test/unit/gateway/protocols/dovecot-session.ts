import { DovecotSession, type SessionOptions } from '../../../../src/gateway/protocols/dovecot.js';
import type { Verdict } from '../../../../src/index.js';
import { STEP } from '../../token/reference.js';

export const HELLO = 'VERSION\t1\t1\nCPID\t77\n';
export const ACCEPTED: Verdict = { ok: true, code: 'accepted', step: STEP, drift: 0, keyIndex: 0 };

/** A PLAIN message in base64. */
export const message = (token: string, user = 'alice') =>
  Buffer.from(`\0${user}\0${token}`).toString('base64');

/** An AUTH line that contains its message. */
export const auth = (id: number, token = 'good') => `AUTH\t${id}\tPLAIN\tresp=${message(token)}\n`;

/** A greeted session whose verifier takes the token `good`, and whose clock is a number. */
export function greeted(options: Partial<SessionOptions> = {}) {
  const state = { sent: '', closed: [] as boolean[], reading: [] as boolean[], nowMs: 0 };
  /** Tokens that were verified. */
  const verified: string[] = [];
  /** Why others were refused. */
  const refused: string[] = [];
  const session = new DovecotSession({
    check: (_jid, token) => {
      verified.push(token);
      return token === 'good' ? ACCEPTED : { ok: false, code: 'malformed' };
    },
    refuse: (why) => void refused.push(why),
    realmOf: () => ({ host: 'example.com', isFixed: true }),
    send: (text) => {
      state.sent += text;
    },
    close: (isFault) => {
      state.closed.push(isFault);
    },
    read: (isWanted) => {
      state.reading.push(isWanted);
    },
    processId: 1,
    connectionId: 1,
    cookie: '',
    clock: () => state.nowMs,
    ...options,
  });
  session.receive(HELLO);
  state.sent = '';
  /** The answers to a text, once all possible verifications are done. */
  const say = async (text: string): Promise<string[]> => {
    state.sent = '';
    session.receive(text);
    return answers();
  };
  const answers = async (): Promise<string[]> => {
    // Verification takes only microtasks.
    await new Promise((resolve) => setImmediate(resolve));
    return state.sent.split('\n').slice(0, -1);
  };
  return { session, state, verified, refused, say, answers };
}
