import type { Importer } from './fresh.js';

let copies = 0;

/**
 * The server serves the same files under every number. A different address makes a separate module.
 */
export function freshCopy(folder: 'peers' | 'ways' | 'library'): Importer {
  const copy = `/copy/${copies++}/${folder}`;
  return async (file) => {
    try {
      return await import(`${copy}/${file}.js`);
    } catch (error) {
      // The browser requests an import of node: like a file.
      if (/^Failed to fetch|^Dynamic require of/.test((error as Error).message))
        throw new Error('it imports what only Node has', { cause: error });
      throw error;
    }
  };
}
