/** SASL LOGIN (draft-murchison-sasl-login-00) in Dovecot's authentication protocol. */
import { describe, expect, it } from 'vitest';
import { MAX_WAITING } from '../../../../src/gateway/protocols/dovecot.js';
import type { Verdict } from '../../../../src/index.js';
import { ACCEPTED, auth, greeted } from './dovecot-session.js';

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
/** The prompts of Dovecot's own mechanism, which some clients compare. */
const ASKS_NAME = (id: number) => `CONT\t${id}\t${base64('Username:')}`;
const ASKS_TOKEN = (id: number) => `CONT\t${id}\t${base64('Password:')}`;

/** A mail server's session, whose users have whole addresses. */
function mail() {
  const asked: (string | undefined)[][] = [];
  const check = (...of: [string, string, string | undefined]): Verdict => {
    asked.push(of);
    return of[1] === 'good' ? ACCEPTED : { ok: false, code: 'wrong-otp' };
  };
  const made = greeted({ check, realmOf: () => ({ host: 'example.com', isFixed: false }) });
  return { ...made, asked };
}

describe('LOGIN', () => {
  it('asks for the name, then for the token, and answers with the address', async () => {
    const { say, asked } = mail();
    expect(await say('AUTH\t1\tLOGIN\tservice=smtp\trip=192.0.2.7\n')).toEqual([ASKS_NAME(1)]);
    expect(await say(`CONT\t1\t${base64('Alice@example.org')}\n`)).toEqual([ASKS_TOKEN(1)]);
    expect(await say(`CONT\t1\t${base64('good')}\n`)).toEqual(['OK\t1\tuser=alice@example.org']);
    expect(asked).toEqual([['alice@example.org', 'good', '192.0.2.7']]);
  });

  it('takes the name with the AUTH, as Dovecot does', async () => {
    const { say } = mail();
    expect(await say(`AUTH\t1\tLOGIN\tresp=${base64('alice')}\n`)).toEqual([ASKS_TOKEN(1)]);
    expect(await say(`CONT\t1\t${base64('good')}\n`)).toEqual(['OK\t1\tuser=alice']);
  });

  it('is answered like PLAIN where the token is not good', async () => {
    const { say } = mail();
    await say(`AUTH\t1\tlogin\tresp=${base64('alice@example.com')}\n`);
    expect(await say(`CONT\t1\t${base64('bad')}\n`)).toEqual(['FAIL\t1\tuser=alice@example.com']);
  });

  it.each([
    ['a name with a NUL', 'x\0alice', 'good', 'token-form'],
    ['a token with a NUL', 'alice', 'x\0good', 'token-form'],
    ['no name', '', 'good', 'bad-jid'],
    ['no token', 'alice', '', 'no-token'],
    ['a name that is not UTF-8', Buffer.from('\xff', 'latin1'), 'good', 'not-utf8'],
  ])('refuses %s, says why, and verifies nothing', async (_, user, token, why) => {
    const { say, asked, refused } = mail();
    await say(`AUTH\t1\tLOGIN\n`);
    await say(`CONT\t1\t${base64(user)}\n`);
    expect(await say(`CONT\t1\t${base64(token)}\n`)).toEqual(['FAIL\t1']);
    expect(asked).toEqual([]);
    expect(refused).toEqual([why]);
  });

  it.each(['%%%', '='.repeat(3)])('refuses a name that is no base64: %s', async (name) => {
    const { say, refused } = mail();
    await say(`AUTH\t1\tLOGIN\tresp=${name}\n`);
    expect(await say(`CONT\t1\t${base64('good')}\n`)).toEqual(['FAIL\t1']);
    expect(refused).toEqual(['not-base64']);
  });

  it('keeps no name that is longer than one can be', async () => {
    const { say, refused } = mail();
    expect(await say(`AUTH\t1\tLOGIN\tresp=${'A'.repeat(4100)}\n`)).toEqual(['FAIL\t1']);
    expect(refused).toEqual(['bad-jid']);
    // Nothing waits for it.
    expect(await say(`CONT\t1\t${base64('good')}\n`)).toEqual(['FAIL\t1']);
  });

  it('has as many attempts wait as others have, at either prompt', async () => {
    const { say, refused } = mail();
    const ids = Array.from({ length: MAX_WAITING }, (_, id) => id);
    await say(ids.map((id) => `AUTH\t${id}\tLOGIN\n`).join(''));
    const named = ids.map((id) => `CONT\t${id}\t${base64('alice')}\n`).join('');
    expect(await say(named)).toEqual(ids.map(ASKS_TOKEN));
    expect(await say(`AUTH\t900\tLOGIN\tresp=${base64('alice')}\n`)).toEqual(['FAIL\t900\ttemp']);
    expect(refused).toEqual(['too-many-attempts']);
    expect(await say(auth(901))).toEqual(['OK\t901\tuser=alice']);
  });

  it('at a fixed host takes no user of another host', async () => {
    const { say, verified, refused } = greeted();
    await say(`AUTH\t1\tLOGIN\tresp=${base64('bob@other.example')}\n`);
    expect(await say(`CONT\t1\t${base64('good')}\n`)).toEqual(['FAIL\t1']);
    expect(verified).toEqual([]);
    expect(refused).toEqual(['other-host']);
  });

  it('that is cancelled between the prompts is forgotten', async () => {
    const { say } = mail();
    await say(`AUTH\t1\tLOGIN\tresp=${base64('alice')}\n`);
    expect(await say(`CANCEL\t1\n${auth(1)}`)).toEqual(['OK\t1\tuser=alice']);
  });
});
