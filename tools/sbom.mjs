// Prints a bill of materials (CycloneDX) of all packages. npm counts bundled packages as
// development dependencies, because they need not be installed. Here they are parts of the package.
//
//   node tools/sbom.mjs
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readBundled } from './lib/notices.mjs';
import { npm, ROOT } from './lib/process.mjs';

/** From CycloneDX's own list of properties for npm. */
const DEVELOPMENT = 'cdx:npm:package:development';
const BUNDLED = { name: 'cdx:npm:package:bundled', value: 'true' };

/**
 * @typedef {object} Component
 * @property {string} name
 * @property {string} version
 * @property {{ name: string, value: string }[]} properties
 */

// Output of the build must not get into the bill.
const ready = spawnSync(process.execPath, [join(ROOT, 'tools', 'ready.mjs')], {
  stdio: ['ignore', 2, 2],
});
if (ready.status !== 0) process.exit(ready.status ?? 1);

const { file, args, shell } = npm(['sbom', '--sbom-format', 'cyclonedx']);
const listed = spawnSync(file, args, {
  ...{ cwd: ROOT, shell, encoding: 'utf8' },
  ...{ stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
});
if (listed.status !== 0) process.exit(listed.status ?? 1);

const bill = JSON.parse(listed.stdout);
/** @type {readonly Component[]} */
const components = bill.components;
for (const { name, version } of readBundled()) {
  const component = components.find((each) => each.name === name && each.version === version);
  if (component === undefined) throw new Error(`npm's bill lacks ${name}, which is bundled`);
  component.properties = component.properties.filter((each) => each.name !== DEVELOPMENT);
  component.properties.push(BUNDLED);
}
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
