// Whether files are still what they were: by their bytes, since a checkout gives every file a new
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
      // The length keeps one file's end and the next one's start apart.
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
      // Packages inside a folder of sources are told by their lockfile.
      .filter((name) => name !== 'node_modules')
      .flatMap((name) => filesOf(`${path}/${name}`))
  );
}

/**
 * A product: files made of other files.
 *
 * @typedef {object} Product
 * @property {string} name
 * @property {readonly string[]} inputs
 * @property {readonly string[]} outputs
 */

/**
 * Whether a product's inputs and outputs both are what they were when it was last made. The outputs
 * count too: a file that someone deleted or changed in dist/ must not outlive the next build.
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
 * The same where others are made meanwhile. Says whether there was something to do.
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
  // Without a stamp, a failure half way cannot pass for a finished product.
  rmSync(stamp, { force: true });
  // Taken before: what is edited while the build runs is not in it.
  const before = fingerprint(product.inputs);
  return () => {
    mkdirSync(STAMPS, { recursive: true });
    writeFileSync(stamp, state(before, fingerprint(product.outputs)));
  };
}

/** @param {string | null} inputs @param {string | null} outputs */
const state = (inputs, outputs) => `${inputs} ${outputs}\n`;
