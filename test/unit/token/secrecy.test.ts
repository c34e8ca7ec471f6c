/** Keys show in nothing that a program might print. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createGateway } from '../../../src/gateway/index.js';
import { createHmac, createIssuer, createVerifier, VerifierError } from '../../../src/index.js';
import { thrownBy } from '../otp/reference.js';
import { JID, KEYS, tokenOf } from './reference.js';

function viewsOf(value: object): string[] {
  const deep = {
    depth: 20,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
  } as const;
  return [
    inspect(value),
    inspect(value, deep),
    inspect(value, { ...deep, showProxy: true, getters: true }),
    String(value),
    JSON.stringify(value),
    JSON.stringify(Object.getOwnPropertyDescriptors(value)),
    ...Reflect.ownKeys(value).map(String),
  ];
}

function expectNoSecret(value: object): void {
  for (const view of viewsOf(value)) {
    for (const secret of [KEYS.otpSeed, KEYS.tokenSecret, KEYS.otpSeed.toLowerCase()]) {
      expect(view).not.toContain(secret);
    }
  }
}

const hosts = { 'example.com': KEYS };

describe('no key shows in', () => {
  it('a verifier, before and after it is used', async () => {
    const verifier = await createVerifier({ hosts, replay: { capacity: 10 } });
    expectNoSecret(verifier);
    verifier.verify(JID, tokenOf());
    expectNoSecret(verifier);
    expectNoSecret(verifier.replay);
  });

  it('an issuer', async () => {
    const issuer = await createIssuer({ hosts });
    issuer.issue(JID);
    expectNoSecret(issuer);
  });

  it('a gateway, which shows its verifier', async () => {
    const gateway = await createGateway({ hosts });
    expectNoSecret(gateway);
    expect(inspect(gateway)).toContain('verifier: TokenVerifier { hosts: ["example.com"]');
  });

  it('a held HMAC key', () => {
    using mac = createHmac('SHA-256', KEYS.tokenSecret);
    mac.digest('message');
    expectNoSecret(mac);
  });

  it('verdicts, which show no token either', async () => {
    const verifier = await createVerifier({ hosts, replay: { capacity: 10 } });
    const token = tokenOf();
    for (const value of [verifier.verify(JID, token), verifier.verifyBatch([JID], [token])]) {
      expectNoSecret(value);
      for (const view of viewsOf(value)) expect(view).not.toContain(token.slice(8, 40));
    }
  });

  it('the error for keys in place of a host', async () => {
    const [verifier, issuer] = await Promise.all([
      createVerifier({ hosts }),
      createIssuer({ hosts }),
    ]);
    const circular: Record<string, unknown> = { ...KEYS };
    circular.self = circular;
    for (const wrong of [KEYS, [KEYS], circular, 23456723n, undefined]) {
      for (const owner of [verifier, issuer]) {
        for (const call of [
          () => owner.setHost(wrong as never, 'example.com' as never),
          () => owner.removeHost(wrong as never),
        ]) {
          const error = thrownBy(call);
          expect(error).toMatchObject({ code: 'ERR_OPTION' });
          expectNoSecret(error as Error);
          expect((error as Error).message).not.toContain('23456723');
        }
      }
    }
  });

  it('the error for a secret in place of a name, or for a list of keys within the list', async () => {
    const verifier = await createVerifier({ hosts });
    const misnamed = { ...KEYS, [KEYS.tokenSecret]: '', [KEYS.otpSeed]: '' };
    const wrongs = [
      { keys: misnamed, field: 'hosts["example.com"]', fault: 'an unknown name' },
      { keys: [KEYS, [KEYS]], field: 'hosts["example.com"][1]', fault: 'a list within the list' },
      // A seed of 80 bits may have no digit.
      ...['XVGRKMZHMXMYKRUG', 'xvgrkmzhmxmykrug'].map((seed) => ({
        keys: { ...KEYS, [seed]: '' },
        field: 'hosts["example.com"]',
        fault: 'an unknown name',
      })),
      {
        keys: { ...KEYS, rejectStepsAfter: '' },
        field: 'hosts["example.com"].rejectStepsAfter',
        fault: 'unknown',
      },
      { keys: { ...KEYS, seed: '' }, field: 'hosts["example.com"].seed', fault: 'unknown' },
    ];
    for (const { keys, field, fault } of wrongs) {
      const error = thrownBy(() => verifier.setHost('example.com', keys as never));
      expect(error).toMatchObject({ code: 'ERR_OPTION', field, fault });
      expectNoSecret(error as Error);
    }
  });

  it('the errors of a verifier and an issuer after their end', async () => {
    const [verifier, issuer] = await Promise.all([
      createVerifier({ hosts }),
      createIssuer({ hosts }),
    ]);
    verifier.dispose();
    issuer.dispose();
    for (const call of [() => verifier.verify(JID, tokenOf()), () => issuer.issue(JID)]) {
      try {
        call();
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(VerifierError);
        expectNoSecret(error as Error);
      }
    }
  });
});
