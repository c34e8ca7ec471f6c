import type { Importer } from './fresh.js';

let copies = 0;

/** The server gives the same files under every number, and a module is what its address is. */
export function freshCopy(folder: 'peers' | 'ways' | 'library'): Importer {
  const copy = `/copy/${copies++}/${folder}`;
  return async (file) => {
    try {
      return await import(`${copy}/${file}.js`);
    } catch (error) {
      // What it imports of node: is asked for like a file.
      if (/^Failed to fetch|^Dynamic require of/.test((error as Error).message))
        throw new Error('it imports what only Node has', { cause: error });
      throw error;
    }
  };
}
