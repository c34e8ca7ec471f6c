/**
 * The part of Bun's own interface that this bench uses:
 * https://bun.com/docs/runtime/hashing#bun-cryptohasher
 */
interface Hasher {
  update(data: string | Uint8Array): Hasher;
  digest(): Uint8Array;
  digest(encoding: 'base64'): string;
  copy(): Hasher;
}

interface BunGlobal {
  readonly CryptoHasher: new (algorithm: string, key?: Uint8Array) => Hasher;
}

const { Bun } = globalThis as { Bun?: BunGlobal };

export const absence = (): string | undefined =>
  Bun === undefined ? 'only Bun has Bun.CryptoHasher' : undefined;

export function newHasher(key: Uint8Array): Hasher {
  return new Bun!.CryptoHasher('sha256', key);
}
