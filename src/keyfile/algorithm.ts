import type { Algorithm } from '../index.js';

const ALGORITHMS: Readonly<Record<string, Algorithm>> = { 1: 'SHA-1', 256: 'SHA-256', 512: 'SHA-512' };

/** What to write for a hash. */
export const ALGORITHM_NAMES = Object.values(ALGORITHMS).join(', ');

/** The algorithm of a name in any of its spellings (SHA-256, SHA256, sha256), or undefined. */
export function algorithmNamed(name: string): Algorithm | undefined {
  const size = /^sha-?(1|256|512)$/i.exec(name)?.[1];
  return size === undefined ? undefined : ALGORITHMS[size];
}
