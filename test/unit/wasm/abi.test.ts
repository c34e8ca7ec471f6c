/** A core of another ABI is refused before any of its functions is called. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { expect, it } from 'vitest';
import {
  createGuardedVerifier,
  createIssuer,
  createVerifier,
  generateKeys,
  hmacSha256,
  loadCore,
} from '../../../src/index.js';
import { Core } from '../../../src/wasm/core.js';
import { ABI } from '../../../src/wasm/instance.js';
import { ROOT } from '../../../tools/testbed/root.js';
import rfc4231 from '../../vectors/rfc4231.json' with { type: 'json' };

type Body = (core: binaryen.Module) => binaryen.ExpressionRef;

/** A module as it is built, but that `abi` has this body, or is no export without one. */
function coreWith(body: Body | undefined, name = 'core'): WebAssembly.Module {
  const core = binaryen.readBinary(readFileSync(join(ROOT, 'build', `${name}.wasm`)));
  core.setFeatures(binaryen.Features.All);
  core.removeExport('abi');
  if (body !== undefined) {
    core.addFunction('anotherAbi', binaryen.none, binaryen.i32, [], body(core));
    core.addFunctionExport('anotherAbi', 'abi');
  }
  const bytes = Uint8Array.from(core.emitBinary());
  core.dispose();
  return new WebAssembly.Module(bytes);
}

const abiOf =
  (number: number): Body =>
  (core) =>
    core.i32.const(number);
const FIX = 'hand in a WebAssembly.Module compiled from totp-token/core.wasm of this release';

const CASES: readonly (readonly [string, WebAssembly.Module, string])[] = [
  [
    'a later release',
    coreWith(abiOf(ABI + 1)),
    `a core of ABI ${ABI + 1}, but this release needs ABI ${ABI}`,
  ],
  [
    'a release before there was a number',
    coreWith(undefined),
    `a core without an ABI number, but this release needs ABI ${ABI}`,
  ],
  ['nobody: it traps', coreWith((core) => core.unreachable()), 'not the core of this package'],
];

const guard = { remember: async () => [] };
const { otpSeed, tokenSecret } = generateKeys();
const hosts = { 'example.com': { otpSeed, tokenSecret } };

it.each(CASES)('refuses the core of %s wherever one is handed in', async (_, module, fault) => {
  const error = { code: 'ERR_OPTION', field: 'module', fault, fix: FIX };
  await expect(loadCore({ module })).rejects.toMatchObject(error);
  await expect(createVerifier({ hosts, module })).rejects.toMatchObject(error);
  await expect(createIssuer({ hosts, module })).rejects.toMatchObject(error);
  await expect(createGuardedVerifier({ hosts, module, guard })).rejects.toMatchObject(error);
});

it('goes on with its own core after it has refused another', async () => {
  await expect(loadCore({ module: coreWith(abiOf(0)) })).rejects.toThrow(/core of ABI 0/);
  const [{ key, message, macs }] = rfc4231.cases as [(typeof rfc4231.cases)[number]];
  const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
  expect(hmacSha256(bytes(key), bytes(message))).toEqual(bytes(macs['SHA-256']));
});

/** What edge runtimes import, and what threads get from their pool, comes straight to `Core`. */
const WHERE: readonly (readonly [string, string, WebAssembly.Memory | undefined])[] = [
  ['an edge runtime has imported', 'core', undefined],
  [
    'a thread of a pool was given',
    'core-shared',
    new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true }),
  ],
];

it.each(WHERE)('refuses another ABI of the core that %s', (_, name, memory) => {
  const begin = () => {
    throw new Error('a function of that core was called');
  };
  expect(() => new Core(coreWith(abiOf(ABI + 1), name), memory, begin)).toThrow(
    expect.objectContaining({
      name: 'VerifierError',
      code: 'ERR_ENGINE_UNAVAILABLE',
      message:
        `a core of ABI ${ABI + 1}, but this release needs ABI ${ABI}; ` +
        'build again from an empty cache, with core.wasm of this release',
    }),
  );
});

it('takes the core of this release', async () => {
  const module = new WebAssembly.Module(readFileSync(join(ROOT, 'build', 'core.wasm')));
  const issuer = await createIssuer({ hosts, module });
  const verifier = await createVerifier({ hosts, module });
  expect(verifier.verify('a@example.com', issuer.issue('a@example.com')).ok).toBe(true);
});
