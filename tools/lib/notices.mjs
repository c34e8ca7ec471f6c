// Lists the packages inside the bundles, with their licences.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.mjs';

/** esbuild's description of each bundle: one file of the form `Metafile` for each. */
export const METAFILES = join('build', 'bundles');

/** The packages in the bundles of this tree. The bundles must have been made. */
export const readBundled = () =>
  bundledPackages(
    readdirSync(join(ROOT, METAFILES)).map((file) =>
      JSON.parse(readFileSync(join(ROOT, METAFILES, file), 'utf8')),
    ),
  );

/**
 * A package that is in a bundle.
 *
 * @typedef {object} BundledPackage
 * @property {string} path Its folder in the repository, such as `node_modules/hono`.
 * @property {string} name
 * @property {string} version
 * @property {string} license The licence in its package.json.
 */

/** A licence, or a notice that a licence requires to be passed on. */
const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/**
 * Packages that are published without their licence, and another package of the same project that
 * has it.
 */
const SAME_PROJECT = new Map([
  ['@assemblyscript/loader', 'assemblyscript'],
  ['@hono/zod-openapi', 'hono'],
  ['@hono/zod-validator', 'hono'],
]);

/**
 * The packages with code in the output of a bundle, sorted by name.
 *
 * @param {readonly import('esbuild').Metafile[]} metafiles
 * @returns {BundledPackage[]}
 */
export function bundledPackages(metafiles) {
  const inputs = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const paths = [...new Set(inputs)].filter((path) => path !== undefined);
  return paths
    .map((path) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'));
      const { name, version, license } = manifest;
      return { path, name, version, license };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The text that must be passed on with the code of these packages: their whole licences.
 *
 * @param {readonly BundledPackage[]} packages
 * @throws {Error} A package has no licence file.
 */
export function noticesOf(packages) {
  const sections = packages.map(({ path, name, version, license }) => {
    const sameProject = SAME_PROJECT.get(name);
    const folder = join(ROOT, sameProject === undefined ? path : `node_modules/${sameProject}`);
    const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
    if (files.length === 0 || typeof license !== 'string')
      throw new Error(`${name} is bundled, and has no licence to pass on`);
    const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return `${RULE}\n${name} ${version} (${license})\n${RULE}\n\n${texts.join('\n\n')}\n`;
  });
  return `${HEAD}\n${sections.join('\n')}`.replaceAll('\r\n', '\n');
}

const RULE = '-'.repeat(80);

const HEAD = `totp-token has code of these packages in its command (dist/cli, dist/totp-token.mjs), in
dist/gateway and in dist/guards/redis. Each is under its own licence, which follows its name.
`;
