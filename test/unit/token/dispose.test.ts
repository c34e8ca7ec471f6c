import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../../src/index.js';
import { harness } from './harness.js';
import { JID, KEYS, tokenOf } from './reference.js';

const DISPOSED = expect.objectContaining({ name: 'VerifierError', code: 'ERR_DISPOSED' });

describe('a verifier that was disposed of', async () => {
  const { verifier } = await harness();
  verifier.dispose();

  for (const [name, call] of [
    ['verify', () => verifier.verify(JID, tokenOf())],
    ['verifyBatch', () => verifier.verifyBatch([JID], [tokenOf()])],
    ['verifyBatch of none', () => verifier.verifyBatch([], [])],
    ['verifyLines', () => verifier.verifyLines('')],
    ['setHost', () => verifier.setHost('example.com', KEYS)],
    ['removeHost', () => verifier.removeHost('example.com')],
    ['hosts', () => verifier.hosts],
    ['replay', () => verifier.replay],
  ] as const) {
    it(`throws from ${name}`, () => expect(call).toThrow(DISPOSED));
  }

  it('can be disposed of again', () => expect(() => verifier.dispose()).not.toThrow());
});

describe('an issuer that was disposed of', async () => {
  const issuer = await createIssuer({ hosts: { 'example.com': KEYS } });
  issuer.dispose();

  for (const [name, call] of [
    ['issue', () => issuer.issue(JID)],
    ['setHost', () => issuer.setHost('example.com', KEYS)],
    ['removeHost', () => issuer.removeHost('example.com')],
    ['hosts', () => issuer.hosts],
  ] as const) {
    it(`throws from ${name}`, () => expect(call).toThrow(DISPOSED));
  }

  it('can be disposed of again', () => expect(() => issuer.dispose()).not.toThrow());
});

describe('using', () => {
  it('disposes of verifier and issuer at the end of the block', async () => {
    const { verifier } = await harness();
    const issuer = await createIssuer();
    {
      using _verifier = verifier;
      using _issuer = issuer;
    }
    expect(() => verifier.verify(JID, tokenOf())).toThrow(DISPOSED);
    expect(() => issuer.issue(JID)).toThrow(DISPOSED);
  });

  it('disposes of one verifier and not of another', async () => {
    const [first, second] = await Promise.all([harness(), harness()]);
    first.verifier.dispose();
    expect(second.verifier.verify(JID, tokenOf()).code).toBe('accepted');
  });
});
