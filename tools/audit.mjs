// Runs npm audit on the published packages: the dependencies, and the packages inside the bundles,
// which npm counts as development dependencies. Exits with 1 if one of them has an advisory.
//
//   node tools/audit.mjs
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBundled } from './lib/notices.mjs';
import { npm, ROOT } from './lib/process.mjs';

/**
 * An entry of `npm audit --json`.
 *
 * @typedef {object} Vulnerability
 * @property {string} name
 * @property {string} severity
 * @property {(string | { title: string, url: string })[]} via Advisories, or packages below it.
 * @property {string[]} nodes Where it is installed.
 */

spawnSync(process.execPath, [join(ROOT, 'tools', 'ready.mjs')], { stdio: 'inherit' });

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
const published = new Set([
  ...Object.keys(lock).filter((path) => path !== '' && lock[path].dev !== true),
  ...readBundled().map(({ path }) => path),
]);

const { file, args, shell } = npm(['audit', '--json']);
const { stdout } = spawnSync(file, args, { cwd: ROOT, shell, encoding: 'utf8' });
const { vulnerabilities, error, message } = JSON.parse(stdout);
if (vulnerabilities === undefined)
  throw new Error(`npm audit failed: ${error?.summary || message}`);

/** @type {Vulnerability[]} */
const found = Object.values(vulnerabilities);
for (const { name, severity, via, nodes } of found) {
  if (!nodes.some((path) => published.has(path))) continue;
  const why = via.map((each) => (typeof each === 'string' ? each : `${each.title} ${each.url}`));
  process.stdout.write(`${name}: ${severity}: ${why.join('; ')}\n`);
  process.exitCode = 1;
}
