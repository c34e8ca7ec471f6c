// Finds out whether files have changed. Compares bytes, because a checkout gives every file a new
// time.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

const STAMPS = join(ROOT, 'build', 'stamps');

/**
 * A hash over the names and the bytes of files and folders, or null if one of them is missing.
 *
 * @param {readonly string[]} paths Relative to the repository's folder.
 */
function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    if (!existsSync(join(ROOT, path))) return null;
    for (const file of filesOf(path)) {
      const bytes = readFileSync(join(ROOT, file));
      // The length separates the end of a file from the start of the next.
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex');
}

/** @param {string} path @returns {string[]} */
function filesOf(path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return (
    readdirSync(join(ROOT, path))
      .sort()
      // Packages inside a folder of sources are covered by their lockfile.
      .filter((name) => name !== 'node_modules')
      .flatMap((name) => filesOf(`${path}/${name}`))
  );
}

/**
 * A product: files that are made from other files.
 *
 * @typedef {object} Product
 * @property {string} name
 * @property {readonly string[]} inputs
 * @property {readonly string[]} outputs
 */

/**
 * Whether neither the inputs nor the outputs of a product have changed since it was made. Outputs
 * are checked so that a file that somebody deleted or changed in dist/ is made again.
 *
 * @param {Product} product
 */
export function isCurrent({ name, inputs, outputs }) {
  const stamp = join(STAMPS, name);
  return (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === state(fingerprint(inputs), fingerprint(outputs))
  );
}

/**
 * Makes a product if it is not current.
 *
 * @param {Product} product
 * @param {() => void} make
 * @param {boolean} [isForced]
 */
export function renew(product, make, isForced = false) {
  if (!isForced && isCurrent(product)) return;
  const finish = begin(product);
  make();
  finish();
}

/**
 * Does the same asynchronously. Returns whether the product had to be made.
 *
 * @param {Product} product
 * @param {() => Promise<void>} make
 * @param {boolean} [isForced]
 */
export async function renewed(product, make, isForced = false) {
  if (!isForced && isCurrent(product)) return false;
  const finish = begin(product);
  await make();
  finish();
  return true;
}

/** @param {Product} product */
function begin(product) {
  const stamp = join(STAMPS, product.name);
  // Without a stamp, a failed build cannot count as a finished product.
  rmSync(stamp, { force: true });
  // Taken before the build, because edits during the build are not in the product.
  const before = fingerprint(product.inputs);
  return () => {
    mkdirSync(STAMPS, { recursive: true });
    writeFileSync(stamp, state(before, fingerprint(product.outputs)));
  };
}

/** @param {string | null} inputs @param {string | null} outputs */
const state = (inputs, outputs) => `${inputs} ${outputs}\n`;
