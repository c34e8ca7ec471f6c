/** The ids of the keys that sessions are bound to. */
import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { keyIdsOf } from '../../../../src/gateway/session/key-ids.js';

const SECRET = new TextEncoder().encode('a secret of sessions that only the tests have');
const OTP_SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const idOf = (seed: string, tokenSecret: string) =>
  createHmac('sha256', SECRET)
    .update(`key-id\0${seed}\0${tokenSecret}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url');

it('ids of keys are the start of an HMAC over both secrets, in base64url, in the order of the keys', async () => {
  const secrets = Array.from({ length: 64 }, (_, i) => `secret ${i}`);
  const ids = await keyIdsOf(
    {
      'one.example': { otpSeed: OTP_SEED, tokenSecret: 'x' },
      'many.example': secrets.map((tokenSecret) => ({ otpSeed: OTP_SEED, tokenSecret })),
    },
    SECRET,
  );
  expect([...ids.keys()]).toEqual(['one.example', 'many.example']);
  expect(ids.get('one.example')).toEqual([idOf(OTP_SEED, 'x')]);
  expect(ids.get('many.example')).toEqual(secrets.map((each) => idOf(OTP_SEED, each)));
  // Both characters in which base64url differs from base64 occur.
  expect(ids.get('many.example')?.join('')).toMatch(/-.*_|_.*-/);
});

it('ids of keys are equal for all spellings of a seed, and different for different seeds', async () => {
  const spelled = [
    'GEZDGNBVGY3TQOJQ',
    'gezd gnbv-gy3t qojq',
    'GEZDGNBVGY3TQOJQ===',
    'GEZDGNBVGY3TQOJR',
  ];
  const hosts = { 'a.example': spelled.map((otpSeed) => ({ otpSeed, tokenSecret: 'x' })) };
  const [first, ...others] = (await keyIdsOf(hosts, SECRET)).get('a.example')!;
  expect(others.map((id) => id === first)).toEqual([true, true, false]);
});
