/**
 * The issuers of docs/issuing.md make tokens that the verifier accepts. issuing.slow.test.ts has
 * those that are compiled, 200 tokens of the shell, and every bad name and secret.
 */
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../../src/index.js';
import { prepareJid } from '../../src/xmpp/index.js';
import { tempFolder } from '../package/temp.js';
import prosody from '../vectors/prosody-tokens.json' with { type: 'json' };
import { blocksOf } from './doctest/blocks.js';
import { expectAccepted, expectRefused, INTERPRETED, PROSODY, Program, SHELL } from './issuers.js';

interface Vector {
  readonly id: string;
  readonly otp_seed: string;
  readonly token_secret: string;
  readonly jid: string;
  readonly unixSeconds: number;
  readonly token: string;
}

const folder = tempFolder();

describe.each([...INTERPRETED, PROSODY])('the issuer in $name', (issuer) => {
  it('makes 200 tokens that are accepted, and refuses a bad name and a bad secret', async () => {
    const program = new Program(issuer, folder);
    await expectAccepted(program, 200);
    expectRefused(program, 1);
  });
});

it('the issuer in Shell makes tokens that are accepted', async () => {
  await expectAccepted(new Program(SHELL, folder), 7);
});

it('the issuer in Prosody prepares names', async () => {
  const { stdout, stderr } = new Program(PROSODY, folder).run('ALICE@Example.COM\n');
  expect([stdout.length, stderr]).toEqual([86, '']);
});

it('the test vectors of the page are those of Prosody, and the verifier accepts them', async () => {
  const [block, ...others] = blocksOf('docs/issuing.md').filter(
    ({ language }) => language === 'json',
  );
  expect(others).toEqual([]);
  const vectors: Vector[] = JSON.parse(block?.code ?? '');
  expect(vectors.length).toBe(6);
  for (const { id, otp_seed, token_secret, jid, unixSeconds, token } of vectors) {
    const source = prosody.find((test) => test.id === id);
    expect({ ...source, jid: `${source?.username}@${source?.host}` }).toMatchObject({
      otpSeed: otp_seed,
      tokenSecret: token_secret,
      now: unixSeconds,
      expected: 'accept',
      jid,
      token,
    });
    const verifier = await createVerifier({
      hosts: { [source?.host ?? '']: { otpSeed: otp_seed, tokenSecret: token_secret } },
      clock: () => unixSeconds * 1000,
      prepareJid,
      replay: { capacity: 1 },
    });
    expect(verifier.verify(jid, token)).toMatchObject({ code: 'accepted', drift: 0 });
  }
});
