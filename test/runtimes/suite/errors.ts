/** Misconfiguration: one VerifierError that names the field, and no secret in it. */
import {
  createIssuer,
  createVerifier,
  loadCore,
  VerifierError,
  type VerifierOptions,
} from 'totp-token';
import { type Case, equal, throws } from './check.js';
import { JID, KEYS, tokenOf } from './reference.js';
import { world } from './world.js';

const SECRET = 'TOPSECRETTOPSECRETTOPSECRETTOPSECRET!';

/** Options that are refused, and the field that the error names. */
const REFUSED: readonly (readonly [options: unknown, field: string])[] = [
  [null, 'options'],
  [{ host: {} }, 'options.host'],
  [{ hosts: [] }, 'hosts'],
  [{ hosts: { 'a b': KEYS } }, 'hosts["a b"]'],
  [{ hosts: { 'example.com': { ...KEYS, otpSeed: SECRET } } }, 'hosts["example.com"].otpSeed'],
  [{ hosts: { 'example.com': { ...KEYS, tokenSecret: '' } } }, 'hosts["example.com"].tokenSecret'],
  [{ period: 0 }, 'period'],
  [{ digits: 5 }, 'digits'],
  [{ algorithm: 'md5' }, 'algorithm'],
  [{ clock: 7 }, 'clock'],
  [{ window: { past: 11 } }, 'window.past'],
  [{ replay: { capacity: 0 } }, 'replay.capacity'],
  [{ module: {} }, 'module'],
  [{ module: null }, 'module'],
];

/** A Wasm module with nothing in it: magic and version. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Where bytes may not be compiled there is no other module to hand in. */
async function emptyModule(): Promise<unknown> {
  try {
    return await WebAssembly.compile(EMPTY);
  } catch {
    return EMPTY;
  }
}

export const errors: readonly Case[] = [
  ...REFUSED.map(([options, field]) => ({
    name: `createVerifier refuses ${JSON.stringify(options)?.replace(SECRET, '…')} and names ${field}`,
    async run() {
      const expected = { name: 'VerifierError', code: 'ERR_OPTION', field };
      await throws(() => createVerifier(options as VerifierOptions), expected);
      const error = await createVerifier(options as VerifierOptions).catch(
        (thrown: unknown) => thrown,
      );
      equal(error instanceof VerifierError, true);
      equal(`${error}`.includes(SECRET), false, 'the secret stands in the message');
    },
  })),
  {
    name: 'a module that is not the core is refused by each function with an error that names the fix',
    async run() {
      const module = (await emptyModule()) as WebAssembly.Module;
      for (const attempt of [createVerifier, createIssuer, loadCore]) {
        await throws(() => attempt({ module }), {
          name: 'VerifierError',
          code: 'ERR_OPTION',
          field: 'module',
        });
        const error = await attempt({ module }).catch((thrown: unknown) => thrown);
        equal(`${error}`.includes('totp-token/core.wasm'), true, `${error}`);
      }
    },
  },
  {
    name: 'a clock that gives no time causes a RangeError',
    async run() {
      const { verifier } = await world({ clock: () => Number.NaN });
      await throws(() => verifier.verify(JID, ''), { name: 'RangeError' });
    },
  },
  {
    name: 'a verifier that is disposed of throws ERR_DISPOSED',
    async run() {
      const { verifier } = await world();
      verifier.dispose();
      const token = await tokenOf();
      await throws(() => verifier.verify(JID, token), {
        name: 'VerifierError',
        code: 'ERR_DISPOSED',
      });
    },
  },
];
