import type { FiguresTable } from '../lib/results.js';

const SIGNATURE_BYTES = 32;

/** Measures the memory of a `Set` of signatures, the usual way to remember tokens in JavaScript. */
export function setOf(entries: number): FiguresTable['figures'] {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return [];
  gc();
  const before = process.memoryUsage().heapUsed;
  const seen = new Set<string>();
  const bytes = new Uint8Array(SIGNATURE_BYTES);
  for (let i = 0; i < entries; i++) {
    crypto.getRandomValues(bytes);
    seen.add(Buffer.from(bytes).toString('base64'));
  }
  gc();
  const grown = process.memoryUsage().heapUsed - before;
  const name = `Set of signatures, ${seen.size.toLocaleString('en')} tokens, heap`;
  return [{ name, value: grown / entries, unit: 'bytes a token' }];
}
