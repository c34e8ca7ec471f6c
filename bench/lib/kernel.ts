import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.js';

/**
 * Hashes the blocks of four tokens whose jids have 17 bytes, `groups` times, and does nothing else.
 */
export type Kernel = (groups: number) => void;

const COMPRESS = 'assembly/sha256x4/compress4';
/** The first words of K, FIPS 180-4 §4.2.2. */
const K_BEGIN = Uint32Array.of(0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5);
/**
 * Eight words of four lanes. They are followed by the sixteen words of a block, then by as many
 * zeros.
 */
const STATE_BYTES = 128;
const BLOCK_BYTES = 256;

/**
 * Puts a loop around the `compress4` of build/core.wat: for four tokens, a block, a block that is
 * known beforehand, and the outer block. Its data stay in the cache.
 */
export async function loadKernel(): Promise<Kernel> {
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.parseText(readFileSync(join(ROOT, 'build', 'core.wat'), 'utf8'));
  module.setFeatures(binaryen.Features.All);
  const { i32, none } = binaryen;
  const number = (value: number) => module.i32.const(value);
  const [GROUPS, STATE, K] = [0, 1, 2];
  const compress = (wordsAt: number, plain: number, scheduled: number) => {
    const state = module.local.get(STATE, i32);
    const words = module.i32.add(module.local.get(STATE, i32), number(wordsAt));
    const constants = module.local.get(K, i32);
    return module.call(COMPRESS, [state, words, constants, number(plain), number(scheduled)], none);
  };
  const left = module.i32.sub(module.local.get(GROUPS, i32), number(1));
  const turn = module.block(null, [
    compress(STATE_BYTES, 1, 3),
    compress(STATE_BYTES + BLOCK_BYTES, 4, 0),
    compress(STATE_BYTES, 1, 3),
    module.br('next', module.local.tee(GROUPS, left, i32)),
  ]);
  const parameters = binaryen.createType([i32, i32, i32]);
  module.addFunction('kernel', parameters, none, [], module.loop('next', turn));
  module.addFunctionExport('kernel', 'kernel');
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(Uint8Array.from(module.emitBinary())),
  );
  module.dispose();
  const { memory, inputAddress, kernel } = exports as {
    memory: WebAssembly.Memory;
    inputAddress(): number;
    kernel(groups: number, state: number, k: number): void;
  };
  const k = Buffer.from(memory.buffer).indexOf(Buffer.from(K_BEGIN.buffer));
  if (k < 0) throw new Error('the table K is not in the core');
  return (groups) => kernel(groups, inputAddress(), k);
}
