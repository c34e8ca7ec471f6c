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

/** A module as it is built, but that `abi` returns this number, or is no export without one. */
function coreOf(abi: number | undefined, name = 'core'): WebAssembly.Module {
  const core = binaryen.readBinary(readFileSync(join(ROOT, 'build', `${name}.wasm`)));
  core.setFeatures(binaryen.Features.All);
  core.removeExport('abi');
  if (abi !== undefined) {
    core.addFunction('anotherAbi', binaryen.none, binaryen.i32, [], core.i32.const(abi));
    core.addFunctionExport('anotherAbi', 'abi');
  }
  const bytes = Uint8Array.from(core.emitBinary());
  core.dispose();
  return new WebAssembly.Module(bytes);
}

const errorOf = (found: number) => ({
  name: 'VerifierError',
  code: 'ERR_OPTION',
  field: 'module',
  fault: `a core of ABI ${found}, but ABI ${ABI} is needed`,
  fix: 'hand in a WebAssembly.Module compiled from totp-token/core.wasm of this release',
});

const guard = { remember: async () => [] };
const { otpSeed, tokenSecret } = generateKeys();
const hosts = { 'example.com': { otpSeed, tokenSecret } };

it.each([
  ['a later release', ABI + 1, ABI + 1],
  ['a release before there was a number', undefined, 0],
])('refuses the core of %s wherever one is handed in', async (_, abi, found) => {
  const module = coreOf(abi);
  const error = errorOf(found);
  await expect(loadCore({ module })).rejects.toMatchObject(error);
  await expect(createVerifier({ hosts, module })).rejects.toMatchObject(error);
  await expect(createIssuer({ hosts, module })).rejects.toMatchObject(error);
  await expect(createGuardedVerifier({ hosts, module, guard })).rejects.toMatchObject(error);
});

/** A module that has what the core is known by, and an `abi` of another kind. */
function moduleOf(rest: string): WebAssembly.Module {
  const text = `(module (func (export "verifyJoined")) (memory (export "memory") 4) ${rest})`;
  const other = binaryen.parseText(text);
  const bytes = Uint8Array.from(other.emitBinary());
  other.dispose();
  return new WebAssembly.Module(bytes);
}

it.each([
  ['traps', '(func (export "abi") (result i32) (unreachable))'],
  ['is a global', `(global (export "abi") i32 (i32.const ${ABI}))`],
  ['is a memory', '(export "abi" (memory 0))'],
  ['never comes, since the start of its module traps', '(func $s (unreachable)) (start $s)'],
])('refuses, with an error of its own, a core whose abi %s', async (_, rest) => {
  const module = moduleOf(rest);
  const error = {
    ...{ name: 'VerifierError', code: 'ERR_OPTION', field: 'module', fix: errorOf(0).fix },
    ...{ fault: 'not the core of this package', cause: expect.any(Error) },
  };
  await expect(loadCore({ module })).rejects.toMatchObject(error);
  await expect(createVerifier({ hosts, module })).rejects.toMatchObject(error);
});

it.each([
  ['nothing', '(func (export "abi"))'],
  ['a bigint', `(func (export "abi") (result i64) (i64.const ${ABI}))`],
])('counts as ABI 0 a core whose abi returns %s', async (_, rest) => {
  await expect(loadCore({ module: moduleOf(rest) })).rejects.toMatchObject(errorOf(0));
});

it('goes on with its own core after it has refused another', async () => {
  await expect(loadCore({ module: coreOf(ABI + 1) })).rejects.toMatchObject(errorOf(ABI + 1));
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
  expect(() => new Core(coreOf(ABI + 1, name), memory, begin)).toThrow(
    expect.objectContaining(errorOf(ABI + 1)),
  );
});

it('takes the core of this release', async () => {
  const module = new WebAssembly.Module(readFileSync(join(ROOT, 'build', 'core.wasm')));
  const issuer = await createIssuer({ hosts, module });
  const verifier = await createVerifier({ hosts, module });
  expect(verifier.verify('a@example.com', issuer.issue('a@example.com')).ok).toBe(true);
});
